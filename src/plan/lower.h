/* The lowerings that stand alone: one for each op of class MOVE or EFFECT, found by its stem from ops.def. Without its
 * own such an op does not link. Private to room plan. */
#ifndef PX_PLAN_LOWER_H
#define PX_PLAN_LOWER_H

#include "plan/planner.h"

#define PX_DECLARE_SOURCE(stem)
#define PX_DECLARE_POINTWISE(stem)
#define PX_DECLARE_REDUCE(stem)
#define PX_DECLARE_CONV(stem)
#define PX_DECLARE_MOVE(stem)                  pixcl_status px_lower_##stem(px_planner *p, px_node node);
#define PX_DECLARE_EFFECT(stem)                pixcl_status px_lower_##stem(px_planner *p, px_node node);
#define OP(id, stem, fewest, most, class, ...) PX_DECLARE_##class(stem)
#include "graph/ops.def"
#undef OP
#undef PX_DECLARE_SOURCE
#undef PX_DECLARE_POINTWISE
#undef PX_DECLARE_REDUCE
#undef PX_DECLARE_CONV
#undef PX_DECLARE_MOVE
#undef PX_DECLARE_EFFECT

#endif
