//! Which version of Landlock the kernel has, for those who tell what it can and what not. What the
//! launcher asks of it does not depend on that: there, what is lacking is left out.

/// The version of Landlock that this kernel has; none is 0.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the library keeps it to itself")]
pub fn landlock_version() -> u32 {
    /// `LANDLOCK_CREATE_RULESET_VERSION`.
    const VERSION: u32 = 1;
    // SAFETY: with this flag the kernel reads no structure and makes nothing.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            VERSION,
        )
    };
    u32::try_from(version).unwrap_or(0)
}

/// Other systems have their own means, which do not come in versions.
#[cfg(not(target_os = "linux"))]
pub const fn landlock_version() -> u32 {
    u32::MAX
}
