//! One letter of each kind, and of each variant that reads differently: for tests, for pictures,
//! and for whoever writes a template. All people, organisations and amounts are invented.
