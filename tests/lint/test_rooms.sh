#!/bin/sh
# Who may include whom: a room of src/ sees the rooms named here, no files in it include one another in a circle, tools/
# sees include/pixcl/ only, and OpenCL stays in one place.
. "$(dirname "$0")/files.sh"

# room: the rooms it may include beside itself
sees() {
    case $1 in
    base) ;;
    image | graph) echo base ;;
    data) echo base image ;;
    model | plan | store) echo base graph ;;
    exec) echo base graph plan ;;
    options) echo base model ;;
    weights) echo base data graph model plan exec store options ;;
    report) echo base image options ;;
    inference) echo base image data graph model exec options weights report ;;
    run) echo base image data graph model exec options weights report inference ;;
    measure) echo base graph model plan exec options weights ;;
    *) return 1 ;;
    esac
}

# public header: the room that implements it
home() {
    case $1 in
    error | context | tensor) echo base ;;
    image) echo image ;;
    synth) echo data ;;
    device) echo exec ;;
    options) echo options ;;
    checkpoint) echo weights ;;
    compare | distance) echo report ;;
    generator | test) echo inference ;;
    trainer) echo run ;;
    bench | check | plan | tune) echo measure ;;
    *) return 1 ;;
    esac
}

includes() { # file
    sed -n 's/^[ ]*#[ ]*include[ ]*"\([^"]*\)".*/\1/p' "$1"
}

for file in $(files '^src/[a-z]+/.*\.[ch]$'); do
    room=${file#src/}
    room=${room%%/*}
    allowed=$(sees "$room") || { complain "$file: src/$room is no room this test knows"; continue; }
    for include in $(includes "$file"); do
        case $include in
        pixcl/*)
            header=$(basename "$include" .h)
            of=$(home "$header") || {
                complain "$file: say in tests/lint/test_rooms.sh which room $include belongs to"
                continue
            }
            ;;
        */*) of=${include%%/*} ;;
        *) continue ;; # beside it
        esac
        case " $room $allowed " in
        *" $of "*) ;;
        *) complain "$file: room $room may not include \"$include\" of room $of (it sees: ${allowed:-nothing})" ;;
        esac
    done
done

# Inside a room, too, nothing goes round in a circle: X.c and X.h together are one step. Who knows everybody, as what
# opens any format or drives all passes, has a file of its own.
circle=$(for file in $(files '^src/[a-z]+/.*\.[ch]$'); do
    stem=${file#src/}
    stem=${stem%.[ch]}
    for include in $(includes "$file"); do
        case $include in
        pixcl/* | *.def | "$stem.h") ;;
        *) echo "$stem ${include%.h}" ;;
        esac
    done
done | tsort 2>&1 >/dev/null | sed 's/^tsort: //')
[ -z "$circle" ] || complain "files of src/ include one another in a circle: $(echo "$circle" | tr '\n' ' ')"

for file in $(files '^tools/.*\.[ch]$'); do
    for include in $(includes "$file"); do
        case $include in
        pixcl/*) ;;
        */*) complain "$file: tools may include include/pixcl/*.h and what lies beside, not \"$include\"" ;;
        *) [ -f "$(dirname "$file")/$include" ] || [ -f "tools/$include" ] ||
            complain "$file: \"$include\" lies neither beside it nor in tools/" ;;
        esac
    done
done

for file in $(files '^(src|tools|include)/.*\.[ch]$' | grep -v '^src/exec/opencl/'); do
    ! grep -qE '^ *# *include *<(CL/|clblast)' "$file" ||
        complain "$file: only src/exec/opencl includes OpenCL and CLBlast"
done
