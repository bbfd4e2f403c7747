/* Names of variables and of networks' files. */
#include "weights/names.h"

#include <string.h>

#include "base/memory.h"

px_key_part px_key_part_of(const char *key)
{
    static const struct {
        const char *leaf;
        px_key_part part;
    } leaves[] = {
        {"exp_avg", PX_KEY_MOMENT},
        {"exp_avg_sq", PX_KEY_MOMENT},
        {"running_mean", PX_KEY_STATISTIC},
        {"running_var", PX_KEY_STATISTIC},
        {"num_batches_tracked", PX_KEY_STATISTIC},
        {"pool", PX_KEY_POOL},
    };
    const char *dot = strrchr(key, '.'), *leaf = dot ? dot + 1 : key;
    for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
        if (strcmp(leaf, leaves[i].leaf) == 0)
            return leaves[i].part;
    return PX_KEY_WEIGHT;
}

const char *px_name_split(const char *name, char net[PX_NET_NAME_SIZE])
{
    const char *dot = strchr(name, '.');
    size_t length = dot ? (size_t)(dot - name) : 0;
    if (length == 0 || length >= PX_NET_NAME_SIZE)
        return NULL;
    memcpy(net, name, length);
    net[length] = '\0';
    return dot + 1;
}

bool px_net_names_add(px_net_names *nets, const char *variable)
{
    char net[PX_NET_NAME_SIZE];
    if (!px_name_split(variable, net))
        return false;
    if (px_key_part_of(variable) == PX_KEY_POOL)
        return true;
    for (int i = 0; i < nets->count; i++)
        if (strcmp(nets->names[i], net) == 0)
            return true;
    if (nets->count == PX_MAX_NETS)
        return false;
    memcpy(nets->names[nets->count++], net, sizeof net);
    return true;
}

char *px_net_path(const char *folder, const char *net, const char *extension, pixcl_error *err)
{
    return px_format(err, "%s/latest_net_%s.%s", folder, net, extension);
}

int px_net_passes(const pixcl_options *options, const char *net)
{
    const int of_D = strcmp(options->gan_mode, "wgangp") == 0 && options->lambda_gp > 0 ? 4 : 3;
    if (strcmp(options->model, "cycle_gan") != 0)
        return strcmp(net, "G") == 0 ? 1 : strcmp(net, "D") == 0 ? of_D : 0;
    if (net[0] == 'D')
        return of_D;
    /* G_A makes fake_B in the cycle of A, rec_B in that of B, and idt_A; G_B likewise. */
    const bool A = strcmp(net, "G_A") == 0;
    const double back = A ? options->lambda_B : options->lambda_A;
    return 1 + (back > 0) + (back * options->lambda_identity > 0);
}
