"""Runs a command in a terminal of its own and presses Ctrl-C there once a file is there: press_ctrl_c.py FILE COMMAND...

Under Wine the terminal is a console of Windows, and the key becomes its event. What the command says there goes to
stdout, and its exit code is this program's.
"""

import os
import pty
import select
import sys

awaited, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
pressed = False
while True:
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            said = os.read(terminal, 65536)
        except OSError:  # the last one has closed it
            break
        sys.stdout.buffer.write(said)
    if not pressed and os.path.exists(awaited):
        os.write(terminal, b"\x03")
        pressed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
