#include "CLinuxPacket.h"
