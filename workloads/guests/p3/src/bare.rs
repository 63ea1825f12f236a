//! What std would bring: an allocator and an end for panics.

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;

// std would name the library to link; it holds the start-up code's parts too.
#[link(name = "c")]
unsafe extern "C" {}

/// The C library's allocator, which is also the one below std.
struct Malloc;

/// What malloc aligns to on this target (two words of C's `max_align_t`).
const ALIGNED: usize = 8;

// SAFETY: malloc, aligned_alloc, realloc and free of one C library belong
// together and fulfil the contract of an allocator: blocks do not overlap, are
// as large and aligned as asked for, and keep their contents when they move.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: any size is allowed; no memory is a null pointer.
            unsafe { libc::malloc(layout.size()).cast() }
        } else {
            // SAFETY: a layout's alignment is a power of two, and padding makes
            // the size the multiple of it that C asks for.
            unsafe { libc::aligned_alloc(layout.align(), layout.pad_to_align().size()).cast() }
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, _layout: Layout) {
        // SAFETY: the caller got this pointer from this allocator.
        unsafe { libc::free(pointer.cast()) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: the caller got this pointer from this allocator, and
            // realloc keeps the alignment that malloc gave.
            return unsafe { libc::realloc(pointer.cast(), size).cast() };
        }
        // SAFETY: the caller promises a size that makes a layout together with
        // this alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller promises a size above zero.
        let moved = unsafe { self.alloc(wanted) };
        if !moved.is_null() {
            // SAFETY: both blocks have at least so many bytes, and a block just
            // allocated overlaps no other.
            unsafe { core::ptr::copy_nonoverlapping(pointer, moved, size.min(layout.size())) };
            // SAFETY: the caller got this pointer from this allocator.
            unsafe { self.dealloc(pointer, layout) };
        }
        moved
    }
}

#[global_allocator]
static MALLOC: Malloc = Malloc;

/// A trap, as std has it on this target; without the message, which would need
/// stderr of one of the two worlds.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Where the host puts what does not fit into the results of a call. The C
/// library has one too, but links it only together with its own bindings.
///
/// # Safety
/// As the canonical ABI asks: either no block and an old length of zero, or a
/// block that came from here with this length and alignment.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    pointer: *mut u8,
    old: usize,
    align: usize,
    new: usize,
) -> *mut u8 {
    if old == 0 && new == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: the canonical ABI aligns to powers of two, to eight at most.
    let layout = unsafe { Layout::from_size_align_unchecked(old.max(new), align) };
    let block = if old == 0 {
        // SAFETY: the new length is above zero.
        unsafe { MALLOC.alloc(layout) }
    } else {
        // SAFETY: the caller's promise; the bindings never shrink to nothing.
        unsafe { MALLOC.realloc(pointer, Layout::from_size_align_unchecked(old, align), new) }
    };
    assert!(!block.is_null(), "no memory left");
    block
}
