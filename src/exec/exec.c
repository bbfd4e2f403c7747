/* The engine-independent half of exec.h: every call goes to the engine behind the handle. */
#include "exec/exec.h"

void px_exec_destroy(px_exec **exec)
{
    if (!exec || !*exec)
        return;
    (*exec)->calls->destroy(*exec);
    *exec = NULL;
}

pixcl_status px_exec_write(px_exec *exec, px_node node, const float *values, pixcl_error *err)
{
    return exec->calls->write(exec, node, values, err);
}

pixcl_status px_exec_write_rows(px_exec *exec, px_node input, px_exec_rows rows, void *context, pixcl_error *err)
{
    return exec->calls->write_rows(exec, input, rows, context, err);
}

pixcl_status px_exec_read(px_exec *exec, px_node node, float *values, pixcl_error *err)
{
    return exec->calls->read(exec, node, values, err);
}

pixcl_status px_exec_run(px_exec *exec, const px_step *step, pixcl_error *err)
{
    return exec->calls->run(exec, step, err);
}

pixcl_status px_exec_finish(px_exec *exec, pixcl_error *err)
{
    return exec->calls->finish(exec, err);
}
