//! French territories: départements and communes, embedded.
