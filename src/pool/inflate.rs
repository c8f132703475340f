//! The bytes of a plain, gzip or zstd stream, up to the point where it breaks.
//!
//! The decoders are driven call by call rather than through their `Read` types, because those
//! throw away what the call that meets the damage had decoded before it.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

use super::Fault;
use crate::shards::Compression;

/// Compressed bytes read at once.
const RAW_BYTES: usize = 1 << 17;
/// Log2 of the largest zstd window that is given memory: 128 MiB, the limit of the `zstd` program.
const ZSTD_WINDOW_LOG: u32 = 27;
/// What zstd asks for to see how long the header of a frame is.
const ZSTD_FRAME_START_BYTES: usize = 5;

/// A stream being decompressed; memory is the buffers here and the decoder's window.
pub(super) struct Inflate<R> {
    input: R,
    raw: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
    decoder: Decoder,
    /// Damage found together with bytes that were delivered first.
    broken: Option<Fault>,
}

/// What a read came to.
pub(super) enum Step {
    /// So many bytes, at least one, were written.
    Bytes(usize),
    /// The stream ended where it should.
    End,
    /// The stream ended too early, or is damaged from here on.
    Broken(Fault),
}

enum Decoder {
    Plain,
    Gzip { member: Box<Decompress>, place: Place },
    Zstd { frame: ZstdDecoder<'static>, place: Place, wanted: usize, full: bool },
}

/// Where in a stream of gzip members or zstd frames the decoder stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Within,
    Between,
}

impl<R: Read> Inflate<R> {
    /// # Errors
    /// Only where no decoder could be set up.
    pub(super) fn new(input: R, compression: Compression) -> io::Result<Self> {
        let decoder = match compression {
            Compression::None => Decoder::Plain,
            Compression::Gzip => {
                Decoder::Gzip { member: Box::new(Decompress::new_gzip(15)), place: Place::Start }
            }
            Compression::Zstd => {
                let mut frame = ZstdDecoder::new()?;
                frame.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
                let wanted = ZSTD_FRAME_START_BYTES;
                Decoder::Zstd { frame, place: Place::Start, wanted, full: false }
            }
        };
        let raw = vec![0; RAW_BYTES].into_boxed_slice();
        Ok(Self { input, raw, start: 0, end: 0, ended: false, decoder, broken: None })
    }

    /// Decompresses into `out`, which must not be empty.
    ///
    /// # Errors
    /// Those of the underlying reader alone; what is wrong with the bytes is a [`Step::Broken`],
    /// after which there is nothing more to read.
    pub(super) fn read(&mut self, out: &mut [u8]) -> io::Result<Step> {
        if let Some(fault) = self.broken.take() {
            return Ok(Step::Broken(fault));
        }
        loop {
            if self.start == self.end && !self.ended {
                self.start = 0;
                self.end = read_some(&mut self.input, &mut self.raw)?;
                self.ended = self.end == 0;
            }
            let raw = &self.raw[self.start..self.end];
            let call = self.decoder.call(raw, out);
            self.start += call.consumed;
            if call.produced > 0 {
                self.broken = call.fault;
                return Ok(Step::Bytes(call.produced));
            }
            if let Some(fault) = call.fault {
                return Ok(Step::Broken(fault));
            }
            if self.ended && call.consumed == 0 {
                return Ok(self.decoder.end());
            }
        }
    }
}

/// What one call of a decoder did. A call that did nothing needs more input.
#[derive(Default)]
struct Call {
    consumed: usize,
    produced: usize,
    fault: Option<Fault>,
}

impl Call {
    fn corrupt(message: impl Into<String>) -> Self {
        Self { fault: Some(Fault::new("corrupt_input", message)), ..Self::default() }
    }
}

impl Decoder {
    fn call(&mut self, raw: &[u8], out: &mut [u8]) -> Call {
        match self {
            Self::Plain => {
                let bytes = raw.len().min(out.len());
                out[..bytes].copy_from_slice(&raw[..bytes]);
                Call { consumed: bytes, produced: bytes, fault: None }
            }
            Self::Gzip { member, place } => gzip(member, place, raw, out),
            Self::Zstd { frame, place, wanted, full } => zstd(frame, place, wanted, full, raw, out),
        }
    }

    /// What the end of the input means here.
    fn end(&self) -> Step {
        let (name, place) = match self {
            Self::Plain => return Step::End,
            Self::Gzip { place, .. } => ("gzip", place),
            Self::Zstd { place, .. } => ("zstd", place),
        };
        let message = match place {
            Place::Between => return Step::End,
            Place::Within => format!("the {name} stream ends too early"),
            Place::Start => format!("the file is empty, which no {name} stream is"),
        };
        Step::Broken(Fault::new("truncated_input", message))
    }
}

fn gzip(member: &mut Decompress, place: &mut Place, raw: &[u8], out: &mut [u8]) -> Call {
    if *place != Place::Within {
        let Some(&first) = raw.first() else { return Call::default() };
        if *place == Place::Between && first == 0 {
            // Tapes and block devices pad with zeros; `gzip` passes over them as well.
            let zeros = raw.iter().take_while(|&&byte| byte == 0).count();
            return Call { consumed: zeros, ..Call::default() };
        }
        if *place == Place::Between {
            if first != 0x1f {
                return Call::corrupt("bytes after a gzip member that start no other");
            }
            member.reset(true);
        }
        *place = Place::Within;
    }
    let (before_in, before_out) = (member.total_in(), member.total_out());
    let status = member.decompress(raw, out, FlushDecompress::None);
    let mut call = Call {
        consumed: (member.total_in() - before_in) as usize,
        produced: (member.total_out() - before_out) as usize,
        fault: None,
    };
    match status {
        Ok(flate2::Status::StreamEnd) => *place = Place::Between,
        Ok(_) if call.consumed == 0 && call.produced == 0 && !raw.is_empty() => {
            call.fault = Call::corrupt("the gzip stream does not go on").fault;
        }
        Ok(_) => {}
        Err(error) => call.fault = Call::corrupt(format!("gzip: {error}")).fault,
    }
    call
}

/// At most one block a call, and none before the last one is written out: a call that fails does
/// not say how much it wrote.
fn zstd(
    frame: &mut ZstdDecoder<'static>,
    place: &mut Place,
    wanted: &mut usize,
    full: &mut bool,
    raw: &[u8],
    out: &mut [u8],
) -> Call {
    let given = if *full { 0 } else { raw.len().min(*wanted) };
    if given == 0 && !*full {
        return Call::default();
    }
    *place = Place::Within;
    let mut input = InBuffer::around(&raw[..given]);
    let mut output = OutBuffer::around(out);
    let result = frame.run(&mut input, &mut output);
    let (consumed, produced) = (input.pos(), output.pos());
    let fault = match result {
        Ok(0) => {
            (*place, *wanted, *full) = (Place::Between, ZSTD_FRAME_START_BYTES, false);
            None
        }
        Ok(hint) => {
            (*wanted, *full) = (hint, produced == out.len());
            None
        }
        Err(error) => Call::corrupt(format!("zstd: {error}")).fault,
    };
    Call { consumed, produced, fault }
}

fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
