// The reference plugin, see ../README.md. The C header is C++ too, and so is the source of C's.
#define LANG HOOKGATE_TEXT("cpp")
#include "../c/reference.c"
