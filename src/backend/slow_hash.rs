//! A hash that is slow to guess from, for names that more people read than the secrets behind them (N92, S101).

/// Hashes bytes; two that have another salt have another hash. Each call takes about 1.5 ms, which is its purpose.
pub(crate) fn slow_hash(bytes: &[u8], salt: &str) -> [u8; 32] {
    let cost = scrypt::Params::new(10, 8, 1).expect("N92's cost is within scrypt's bounds");
    let mut hash = [0; 32];
    scrypt::scrypt(bytes, salt.as_bytes(), &cost, &mut hash).expect("32 bytes are a legal length");
    hash
}
