/** What ipset prints when the kernel refuses a command (lib/errcode.c of ipset 7.17). */

export const FAULT_EXISTS = 'Set cannot be created: set with the same name already exists';
export const FAULT_NO_SET = 'The set with the given name does not exist';
export const FAULT_IN_USE = 'Set cannot be destroyed: it is in use by a kernel component';
export const FAULT_RENAME_EXISTS = 'Set cannot be renamed: a set with the new name already exists';
export const FAULT_RENAME_IN_USE = 'Set cannot be renamed: it is in use by another system';
export const FAULT_SWAP_NO_SET = 'Sets cannot be swapped: the second set does not exist';
export const FAULT_SWAP_TYPE = 'The sets cannot be swapped: their type does not match';
export const FAULT_RANGE_SIZE = 'The range you specified exceeds the size limit of the set type';
export const FAULT_ADDED = "Element cannot be added to the set: it's already added";
export const FAULT_NOT_ADDED = "Element cannot be deleted from the set: it's not added";
export const FAULT_FULL = 'Hash is full, cannot add more elements';
export const FAULT_NULL = 'Null-valued element, cannot be stored in a hash type of set';
export const FAULT_CIDR = 'The value of the CIDR parameter of the IP address is invalid';
export const FAULT_OUT_OF_RANGE = 'Element is out of the range of the set';
export const FAULT_WHOLE_RANGE = 'Invalid range, covers the whole address space';
export const FAULT_NO_TIMEOUT = 'Timeout cannot be used: set was created without timeout support';
export const FAULT_NO_COUNTERS = 'Packet/byte counters cannot be used: set was created without counter support';
export const FAULT_NO_COMMENT = 'Comment cannot be used: set was created without comment support';
export const FAULT_NO_SKBINFO = 'Skbinfo mapping cannot be used: set was created without skbinfo support';
export const FAULT_NO_MEMBER_SET = 'Set to be added/deleted/tested as element does not exist.';
export const FAULT_LOOP = 'Sets with list:set type cannot be added to the set.';
export const FAULT_NO_REFERENCE = "The set to which you referred with 'before' or 'after' does not exist.";
export const FAULT_REFERENCE_NOT_ADDED = "The set to which you referred with 'before' or 'after' is not added to the set.";
