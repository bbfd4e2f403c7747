"""Messages, stopping, Ctrl-C, what callbacks raise, and who ends before whom."""

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest

import pixcl


class Hooks:
    """A log and a stop function that a test may set; the latter ends what should have ended before."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.log = self.stop = None
        self.end = time.monotonic() + 60

    def hear(self, level, message):
        if self.log:
            self.log(level, message)

    def ask(self):
        if time.monotonic() > self.end:
            raise TimeoutError("nothing stopped it")
        return self.stop and self.stop()


@pytest.fixture(scope="module")
def shared():
    """One context, since each builds its own kernels."""
    hooks = Hooks()
    with pixcl.Context(log=hooks.hear, stop=hooks.ask) as hooks.context:
        yield hooks


@pytest.fixture
def hooks(shared):
    shared.reset()
    yield shared
    shared.reset()


@pytest.fixture
def endless(hooks, small, pairs):
    """A trainer that something has to end."""
    with endless_of(hooks.context, small, pairs) as trainer:
        yield trainer


def endless_of(context, small, pairs):
    return pixcl.Trainer(dataroot=pairs, max_steps=10**9, n_epochs=10**6, context=context, **small)


def begin(context, small, pairs):
    """Says what it trains on, then is stopped."""
    with pytest.raises(pixcl.Interrupted):
        endless_of(context, small, pairs)


def test_messages_go_to_a_function(small, pairs):
    heard = []
    begin(pixcl.Context(log=lambda *message: heard.append(message), stop=lambda: True), small, pairs)
    assert {level for level, _ in heard} == {"info", "debug"}
    assert any(level == "info" and "training on" in message for level, message in heard)


def test_messages_go_to_logging(small, pairs, caplog):
    with caplog.at_level(logging.INFO, "pixcl"):
        context = pixcl.Context(stop=lambda: True)
    with caplog.at_level(logging.DEBUG, "pixcl"):
        begin(context, small, pairs)
    levels = {record.levelno for record in caplog.records if record.name == "pixcl"}
    assert levels == {logging.INFO}  # the level is that of the context's beginning


def test_messages_go_to_standard_error(small, pairs, capfd):
    begin(pixcl.Context(log=True, stop=lambda: True), small, pairs)
    assert "pixcl: training on" in capfd.readouterr().err


@pytest.mark.parametrize("log", [False, None])
def test_silence(small, pairs, capfd, log):
    begin(pixcl.Context(log=log, stop=lambda: True), small, pairs)
    assert capfd.readouterr() == ("", "")


def test_stop(hooks, endless):
    asked = []

    def stop():
        asked.append(threading.current_thread())
        return len(asked) > 3

    endless.step()
    hooks.stop = stop
    with pytest.raises(pixcl.Interrupted, match="stopped after step"):
        endless.run()
    assert asked == [threading.current_thread()] * 4
    assert (endless.folder / "latest.safetensors").exists()


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt])
def test_what_stop_raises_comes_out(hooks, endless, kind):
    def stop():
        raise kind("mine")

    endless.step()
    hooks.stop = stop
    with pytest.raises(kind, match="mine"):
        endless.run()
    assert endless.progress.step == 2  # it is over, and nothing of it is left


def test_what_log_raises_comes_out(hooks, small, pairs):
    def log(level, message):
        raise ZeroDivisionError(message)

    hooks.log = log
    with pytest.raises(ZeroDivisionError, match="pthread|device|training on"):
        endless_of(hooks.context, small, pairs)


def test_what_progress_raises_comes_out(endless):
    seen = []

    def progress(it):
        seen.append(it.step)
        if it.step == 3:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        endless.run(progress)
    assert seen == [1, 2, 3]
    assert endless.progress.step == 3
    assert (endless.folder / "latest.safetensors").exists()


def test_nothing_is_closed_under_the_feet_of_a_call(hooks, endless):
    for close in (endless.close, hooks.context.close):
        with pytest.raises(pixcl.ArgumentError, match="from within a callback"):
            endless.run(lambda it: close())
    assert endless.progress.step == 2


def interrupt_soon(number=signal.SIGINT):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()
    return timer


def test_ctrl_c_ends_a_run(endless):
    before = signal.getsignal(signal.SIGINT)
    timer = interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        endless.run()
    timer.join()
    assert endless.history["step"][-1] == endless.progress.step > 0
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_at_the_beginning_of_any_callback(hooks, endless):
    hooks.log = lambda level, message: None
    for _ in range(3):
        timer = interrupt_soon()
        with pytest.raises(KeyboardInterrupt):
            endless.run(lambda it: None)
        timer.join()


def test_a_handler_that_raises_nothing_ends_nothing(hooks, endless):
    caught = []
    hooks.stop = lambda: bool(caught)
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        timer = interrupt_soon()
        with pytest.raises(pixcl.Interrupted):
            endless.run()
        timer.join()
        assert caught == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_signals(endless):
    def handler(number, frame):
        raise SystemExit(3)

    before = signal.signal(signal.SIGTERM, handler)
    try:
        timer = interrupt_soon(signal.SIGTERM)
        with pytest.raises(SystemExit):
            endless.run()
        timer.join()
    finally:
        signal.signal(signal.SIGTERM, before)


def test_calls_on_other_threads(hooks, small, pairs):
    """There no signal arrives, and an exception comes out where it was raised."""
    outcomes = {}

    def train(name, stop_after):
        def progress(it):
            if it.step == stop_after:
                raise ZeroDivisionError(name)

        try:
            with endless_of(hooks.context, {**small, "name": name}, pairs) as trainer:
                trainer.run(progress)
        except ZeroDivisionError as error:
            outcomes[name] = str(error)

    threads = [threading.Thread(target=train, args=(f"run{i}", 3 + i)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {f"run{i}": f"run{i}" for i in range(3)}


TRAINS_ON = """
import json, sys, threading
import pixcl

begun = threading.Event()
trainer = pixcl.Trainer(**json.loads(sys.argv[1]))
threading.Thread(target=trainer.run, args=(lambda it: begun.set(),), daemon=True).start()
begun.wait(60)
"""


def test_python_ends_while_a_daemon_thread_trains(small, pairs):
    options = {**small, "dataroot": pairs, "max_steps": 10**9, "n_epochs": 10**6}
    done = subprocess.run(
        [sys.executable, "-c", TRAINS_ON, json.dumps(options, default=str)],
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(pixcl.__file__))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "everything is saved" in done.stderr
    assert (small["checkpoints_dir"] / "run" / "latest.safetensors").exists()


def test_closing_a_context_closes_what_it_has(small, pairs, run):
    with pixcl.Context() as context:
        trainer = endless_of(context, small, pairs)
        generator = pixcl.Generator(run, context=context)
    assert "closed" in repr(context) and "closed" in repr(trainer) and "closed" in repr(generator)
    with pytest.raises(pixcl.ArgumentError, match="the trainer is closed"):
        trainer.step()
    with pytest.raises(pixcl.ArgumentError, match="the generator is closed"):
        generator.state_dict()
    with pytest.raises(pixcl.ArgumentError, match="the context is closed"):
        pixcl.Generator(run, context=context)
    context.close()


def test_what_nobody_needs_ends(hooks, small, pairs):
    """Without the collector of cycles: a trainer holds much of a device's memory."""
    trainer = endless_of(hooks.context, small, pairs)
    handle = weakref.ref(trainer._handle)
    gc.disable()
    try:
        del trainer
        assert handle() is None
    finally:
        gc.enable()


def test_cache_and_device(tmp_path, run, labels):
    with pixcl.Context(cache=tmp_path / "cache", device=0) as context:
        pixcl.Generator(run, context=context)(labels)
    assert (tmp_path / "cache").is_dir()
    with pytest.raises(pixcl.Error, match="no such device as this"):
        pixcl.Generator(run, context=pixcl.Context(device="no such device as this"))
