use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// More than any stream here needs.
const ROOMY: usize = 1 << 30;

/// A type, data and an id.
type Expected<'a> = (&'a str, &'a str, &'a str);

/// What came of a stream, up to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    events: Vec<SseEvent>,
    error: Option<EventTooLong>,
    retry: Option<Duration>,
}

/// Decodes chunks as a client would, and checks on the way what is held.
fn decode_chunks<'a>(limit: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut decoder = SseDecoder::new(limit);
    let mut outcome = Outcome::default();
    for chunk in chunks {
        decoder.push(chunk);
        assert!(decoder.held_bytes() <= limit.saturating_add(chunk.len()));
        while let Some(next) = decoder.next_event() {
            match next {
                Ok(event) => outcome.events.push(event),
                Err(error) => assert_eq!(outcome.error.replace(error), None),
            }
        }
        assert!(decoder.held_bytes() <= limit);
    }
    outcome.retry = decoder.retry();
    outcome
}

fn decode_whole(limit: usize, bytes: &[u8]) -> Outcome {
    decode_chunks(limit, [bytes])
}

/// Chunks of the given lengths, taken in turns.
fn cut<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let mut chunks = Vec::new();
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, after) = rest.split_at(rest.len().min(*length));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

fn event((event, data, id): Expected) -> SseEvent {
    SseEvent {
        event: event.to_owned(),
        data: data.to_owned(),
        id: id.to_owned(),
    }
}

fn events(expected: &[Expected]) -> Vec<SseEvent> {
    expected.iter().copied().map(event).collect()
}

const A: Expected = ("message", "a", "");
const B: Expected = ("message", "b", "");
const EMPTY: Expected = ("message", "", "");
const AB_AND_C: &[Expected] = &[("message", "a\nb", ""), ("message", "c", "")];

/// Its number, bytes, events, and the milliseconds of `retry`.
type Case<'a> = (&'a str, &'a [u8], &'a [Expected<'a>], Option<u64>);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("S01", b"data:a\ndata:b\n\ndata:c\n\n", AB_AND_C, None),
    ("S02", b"data:a\r\ndata:b\r\n\r\ndata:c\r\n\r\n", AB_AND_C, None),
    ("S03", b"data:a\rdata:b\r\rdata:c\r\r", AB_AND_C, None),
    ("S04", b"data:a\r\ndata:b\n\r\ndata:c\r\r\n", AB_AND_C, None),
    ("S04", b"data:a\r\n\rdata:b\n\r", &[A, B], None),
    ("S04", b"data:a\n\rdata:b\r\n\n", &[A, B], None),
    ("S05", b"\xEF\xBB\xBFdata:a\n\n", &[A], None),
    ("S06", b"\xEF\xBB\xBF\ndata:a\n\n", &[A], None),
    ("S06", b"\xEF\xBB\xBF:\ndata:a\n\n", &[A], None),
    ("S06", b"\xEF\xBBdata:a\ndata:b\n\n", &[B], None),
    ("S06", b"\xEFdata:a\ndata:b\n\n", &[B], None),
    ("S06", b"data:a\n\xEF\n\n", &[A], None),
    ("S06", b"\xEF\xBB\ndata:a\n\n", &[A], None),
    ("S07", b"\xEF\xBB\xBF\xEF\xBB\xBFdata:a\ndata:b\n\n", &[B], None),
    ("S08", b"data:a\n\n\xEF\xBB\xBFdata:a\ndata:b\n\n", &[A, B], None),
    ("S08", b"\n\xEF\xBB\xBFdata:a\ndata:b\n\n", &[B], None),
    ("S08", b"data:\xEF\xBB\xBFa\n\n", &[("message", "\u{FEFF}a", "")], None),
    ("S09", b": OPENROUTER PROCESSING\n\ndata:a\n\n", &[A], None),
    ("S10", b"data:a\n: data:x\ndata:b\n\n", &[("message", "a\nb", "")], None),
    ("S11", b"data:a\n:\n\n:\n\n", &[A], None),
    ("S12", b"data:a\n\ndata: a\n\n", &[A, A], None),
    ("S13", b"data:  a\n\n", &[("message", " a", "")], None),
    ("S13", b"data: \n\ndata:  \n\n", &[EMPTY, ("message", " ", "")], None),
    ("S13", b"event:  a\nid:  1\ndata:b\n\n", &[(" a", "b", " 1")], None),
    ("S14", b"data:\tb\n\n", &[("message", "\tb", "")], None),
    ("S15", b"data: a:b: c\n\n", &[("message", "a:b: c", "")], None),
    ("S16", b"data:a\ndata:\ndata:b\n\n", &[("message", "a\n\nb", "")], None),
    ("S16", b"data:a\ndata\ndata:b\n\n", &[("message", "a\n\nb", "")], None),
    ("S17", b"data:\ndata:b\n\n", &[("message", "\nb", "")], None),
    ("S18", b"data:\n\n", &[EMPTY], None),
    ("S18", b"data\n\n", &[EMPTY], None),
    ("S19", b"data\ndata\n\n", &[("message", "\n", "")], None),
    ("S20", b"data:a\n\ndata:b\n", &[A], None),
    ("S20", b"data:a\n\ndata:b\r\n", &[A], None),
    ("S21", b"data:a\n\ndata:b", &[A], None),
    ("S21", b"data:a\n\nid:1\nretry:7", &[A], None),
    ("S22", b"event:x\n\ndata:a\n\n", &[A], None),
    ("S22", b"event:x\nevent: y\ndata:a\n\ndata:a\n\n", &[("y", "a", ""), A], None),
    ("S22", b"event:x\nevent\ndata:a\n\nevent:\ndata:b\n\n", &[A, B], None),
    ("S23", b"DATA: x\ndata : x\nfoo: y\ndat:x\ndataa:x\n data:x\ndata:a\n\n", &[A], None),
    ("S23", b"dat\ndataa\ndato\nevents:x\nids:1\ni:1\nretry2:5\ndata:a\n\n", &[A], None),
    ("S24", b"\n\n\r\n\r\rdata:a\n\n\n\n\r\n\n", &[A], None),
    ("S25", b"id: 1\ndata:a\n\ndata:a\n\n", &[("message", "a", "1"), ("message", "a", "1")], None),
    ("S26", b"id:1\nid:2\0\ndata:a\n\n", &[("message", "a", "1")], None),
    ("S26", b"id:\0\nid:1\0\ndata:a\n\n", &[A], None),
    ("S27", b"id:1\ndata:a\n\nid:\ndata:a\n\n", &[("message", "a", "1"), A], None),
    ("S27", b"id:1\ndata:a\n\nid\ndata:a\n\n", &[("message", "a", "1"), A], None),
    ("S28", b"id:1\n\ndata:a\n\n", &[("message", "a", "1")], None),
    ("S29", b"retry: 30\n", &[], Some(30)),
    ("S29", b"retry:0030\nretry:1\n", &[], Some(1)),
    ("S29", b"retry:99999999999999999999\n", &[], Some(u64::MAX)),
    ("S30", b"retry:30\nretry:10x\nretry: 1 \nretry:1.5\nretry:\xD9\xA3\n", &[], Some(30)),
    ("S31", b"retry:30\nretry:+5\nretry:-5\nretry:\nretry\n", &[], Some(30)),
    ("S31", b"retry:+5\nretry:\nretry\n", &[], None),
    ("S32", b"data:a\xFFb\n\ndata:a\n\n", &[("message", "a\u{FFFD}b", ""), A], None),
    ("S32", b"data:\xE2\x82\ndata:\xAC\n\n", &[("message", "\u{FFFD}\n\u{FFFD}", "")], None),
    ("S32", b"event:\xFF\nid:\xC3\ndata:a\n\n", &[("\u{FFFD}", "a", "\u{FFFD}")], None),
    ("S32", "event:é\nid:€\ndata:🦀\n\n".as_bytes(), &[("é", "🦀", "€")], None),
    ("S33", b"data:a\0b\nda\0ta:x\n\n", &[("message", "a\0b", "")], None),
    ("S34", "data:a\u{2028}b\u{85}\n\n".as_bytes(), &[("message", "a\u{2028}b\u{85}", "")], None),
    ("S34", b"data:a\x0Bb\x0C\n\n", &[("message", "a\u{B}b\u{C}", "")], None),
];

#[test]
fn every_case_of_the_notes_decodes_as_the_standard_says_however_it_is_cut() {
    for (id, bytes, expected, retry) in CASES {
        let expected = Outcome {
            events: events(expected),
            error: None,
            retry: retry.map(Duration::from_millis),
        };
        for length in [bytes.len(), 1, 2, 3, 7] {
            let chunks = cut(bytes, &[length]);
            let with_empty_ones = chunks.into_iter().flat_map(|chunk| [&[], chunk, &[]]);
            let outcome = decode_chunks(ROOMY, with_empty_ones);
            let text = bytes.escape_ascii();
            assert_eq!(outcome, expected, "{id}, chunks of {length}: {text}");
        }
    }
}

/// S06: the mark may come in any pieces.
#[test]
fn a_byte_order_mark_is_stripped_however_it_is_split() {
    for lengths in [[1, 2, 9], [2, 1, 9], [1, 1, 1], [3, 9, 9], [4, 9, 9]] {
        let outcome = decode_chunks(ROOMY, cut(b"\xEF\xBB\xBFdata:a\n\n", &lengths));
        assert_eq!(outcome.events, [event(A)], "{lengths:?}");
    }
}

/// S04: were the LF a line of its own, it would end the event before its second line.
#[test]
fn a_line_end_split_across_chunks_is_one() {
    let outcome = decode_chunks(
        ROOMY,
        [&b"data:a\r"[..], b"", b"\ndata:b\r", b"\n\r", b"\n"],
    );
    assert_eq!(outcome.events, events(&[("message", "a\nb", "")]));
}

/// S37: the last bytes of each are the first that complete the event.
#[test]
fn an_event_is_handed_out_without_another_byte() {
    for (before, last, withheld) in [
        (&b"data:a\n"[..], &b"\n"[..], &b""[..]),
        (b"data:a\r", b"\r", b""),
        (b"data:a\r\n", b"\r", b"\n"),
        (b"data:a\r", b"\n\r", b"\n"),
        (b"data:a\n", b"\r", b"\n"),
    ] {
        let mut decoder = SseDecoder::new(ROOMY);
        decoder.push(before);
        assert_eq!(decoder.next_event(), None);
        decoder.push(last);
        assert_eq!(decoder.next_event(), Some(Ok(event(A))));
        assert_eq!(decoder.next_event(), None);
        decoder.push(withheld);
        assert_eq!(decoder.next_event(), None);
        decoder.push(b"data:b\n\n");
        assert_eq!(decoder.next_event(), Some(Ok(event(B))));
    }
}

#[test]
fn chunks_may_be_pushed_before_earlier_ones_are_read() {
    let mut decoder = SseDecoder::new(ROOMY);
    decoder.push(b"data:a\n\nda");
    decoder.push(b"ta:b\n");
    assert_eq!(decoder.next_event(), Some(Ok(event(A))));
    decoder.push(b"\n");
    assert_eq!(decoder.next_event(), Some(Ok(event(B))));
    assert_eq!(decoder.next_event(), None);
}

/// Each stream makes up an event of 10 bytes at one time, and of no more.
const TEN_BYTES: &[&str] = &[
    "data:0123456789\n\n",
    "data: 0123456789\n\n",
    "data:0123\ndata:56789\n\n",
    "data\ndata:\ndata:\ndata\ndata:\ndata\ndata\ndata\ndata\ndata\ndata\n\n",
    "event:01234\ndata:56789\n\n",
    "id:012\nevent:34\ndata:56789\n\n",
    "id:01234\ndata:5\n\ndata:56789\n\n",
    "event:01234\nevent:56789\ndata\n\n",
    "event:0123456789\n\ndata:0123456789\n\n",
    "id:01234\nid:56789\nid\nretry:0123456789\ndata:a\n\n",
    "id:0123456789\nid\ndata\n\n",
];

#[test]
fn an_event_may_be_as_long_as_the_cap_and_not_a_byte_longer() {
    for stream in TEN_BYTES {
        for length in [stream.len(), 1, 2, 3, 7] {
            let chunks = cut(stream.as_bytes(), &[length]);
            let roomy = decode_chunks(ROOMY, chunks.iter().copied());
            let exact = decode_chunks(10, chunks.iter().copied());
            assert_eq!(exact, roomy, "{stream:?}, chunks of {length}");
            let short = decode_chunks(9, chunks).error;
            let error = EventTooLong { limit: 9 };
            assert_eq!(short, Some(error), "{stream:?}, chunks of {length}");
        }
    }
}

#[test]
fn comments_and_unknown_fields_of_any_length_are_skipped_unstored() {
    let long = "x".repeat(1000);
    let stream =
        format!(":{long}\n{long}:{long}\n{long}\ndata:a\n:{long}\ndata{long}\nidx:{long}\n\n");
    for length in [stream.len(), 1, 7] {
        let outcome = decode_chunks(1, cut(stream.as_bytes(), &[length]));
        assert_eq!((outcome.events, outcome.error), (events(&[A]), None));
    }
}

#[test]
fn after_an_event_too_long_the_decoder_is_finished_and_holds_nothing() {
    let mut decoder = SseDecoder::new(4);
    decoder.push(b"id:1\ndata:a\n\nevent:ab\ndata:abc\n\ndata:b\n\n");
    assert_eq!(decoder.next_event(), Some(Ok(event(("message", "a", "1")))));
    let error = EventTooLong { limit: 4 };
    assert_eq!(decoder.next_event(), Some(Err(error)));
    assert_eq!(
        error.to_string(),
        "an event of the stream is longer than 4 bytes"
    );
    for _ in 0..2 {
        assert_eq!(decoder.next_event(), None);
        assert_eq!(decoder.held_bytes(), 0);
        decoder.push(b"\n\ndata:b\n\n");
    }
}

/// For a build that is not optimized, on a machine that does other work too.
const GENEROUS: Duration = Duration::from_secs(3);

/// How many parts the same work is cut into, to see that it takes no longer as a whole.
const PARTS: usize = 64;

/// `decode` is told into how many parts the stream is cut, and decodes one of them. Where
/// time is quadratic, the whole takes 64 times as long as its parts.
fn assert_linear(decode: impl Fn(usize)) {
    let time = |parts: usize| {
        let start = Instant::now();
        for _ in 0..parts {
            decode(parts);
        }
        start.elapsed()
    };
    // Other work on the machine only ever adds, so the shortest run of each counts.
    let (mut parts, mut whole) = (Duration::MAX, Duration::MAX);
    let linear = (0..10).any(|_| {
        parts = parts.min(time(PARTS));
        whole = whole.min(time(1));
        assert!(whole < GENEROUS, "{whole:?}");
        whole < parts * 4
    });
    assert!(linear, "{whole:?}, and in parts {parts:?}");
}

/// S35. The longest line comes last: where time is quadratic, it would take minutes.
#[test]
fn a_long_line_takes_linear_time() {
    for length in [1460, 8192] {
        for size in [2 << 20, 8 << 20] {
            let value = b"x".repeat(size);
            assert_linear(|parts| {
                let (value, _) = value.split_at(size / parts);
                let chunks = [&b"data:"[..]].into_iter().chain(cut(value, &[length]));
                let outcome = decode_chunks(size, chunks.chain([&b"\n\n"[..]]));
                assert_eq!(outcome.events[0].data.len(), value.len());
            });
        }
    }
}

/// S36. The events are many and small, so that moving what follows each would tell.
#[test]
fn many_events_in_one_chunk_take_linear_time() {
    let one = b"data:a\n\n";
    let stream = one.repeat(100_000);
    assert_linear(|parts| {
        let count = 100_000 / parts;
        let (stream, _) = stream.split_at(count * one.len());
        assert_eq!(decode_whole(100, stream).events.len(), count);
    });
}

/// The standard's own words, step by step, on a stream that is there as a whole.
fn decode_by_the_letter(bytes: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    // What follows the last line end is not a line.
    lines.pop();
    let (mut event_type, mut data, mut id) = (String::new(), String::new(), String::new());
    let mut outcome = Outcome::default();
    for line in lines {
        if line.is_empty() {
            let event_type = mem::take(&mut event_type);
            if let Some(data) = mem::take(&mut data).strip_suffix('\n') {
                let named = Some(&*event_type).filter(|name| !name.is_empty());
                let expected = (named.unwrap_or("message"), data, &*id);
                outcome.events.push(event(expected));
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut event_type),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            "retry" if !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()) => {
                let milliseconds = value.parse().unwrap_or(u64::MAX);
                outcome.retry = Some(Duration::from_millis(milliseconds));
            }
            _ => {}
        }
    }
    outcome
}

/// Whatever could matter to the decoder, in any order.
fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    let fragments: Vec<&[u8]> = vec![
        b"data",
        b"data:",
        b"data: ",
        b"event:",
        b"event",
        b"id:",
        b"id",
        b"retry:",
        b"retry",
        b":",
        b" ",
        b"a",
        b"bc",
        b"10",
        b"+",
        b"\0",
        b"\n",
        b"\n",
        b"\r",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"data:d\n\n",
        b"event: e\n",
        b"id: 1\r",
        b"retry: 30\r\n",
        b"\xEF\xBB\xBF",
        b"\xEF\xBB",
        b"\xEF",
        "é".as_bytes(),
        "🦀".as_bytes(),
        b"\xC3",
        b"\xA9",
        b"\xF0\x9F",
        b"\xFF",
        "\u{2028}".as_bytes(),
    ];
    let starts: Vec<&[u8]> = vec![
        b"",
        b"",
        b"\xEF\xBB\xBF",
        b"\xEF\xBB\xBF\xEF\xBB\xBF",
        b"\xEF",
    ];
    (select(starts), vec(select(fragments), 0..40)).prop_map(|(start, rest)| {
        let mut stream = start.to_vec();
        stream.extend(rest.into_iter().flatten());
        stream
    })
}

/// Where all decoders agree with the standard: UTF-8, `retry` of digits, names of fields
/// behind which a colon stands, and every block with data.
fn well_formed_stream() -> impl Strategy<Value = Vec<u8>> {
    let text = select(vec![
        "", "a", " b", "c: d", "é🦀", "\u{2028}", "[DONE]", "\t",
    ]);
    let line_end = select(vec!["\n", "\r\n", "\r"]);
    let field = select(vec![
        "data:", "data: ", "event:", "event: ", "id: ", ":", "foo: ",
    ]);
    let line = prop_oneof![
        4 => (field, text).prop_map(|(field, text)| format!("{field}{text}")),
        1 => (0..100_u32).prop_map(|retry| format!("retry: {retry}")),
        1 => Just("data".to_owned()),
    ];
    let block_end = select(vec![
        "\n\n", "\r\n\r\n", "\r\r", "\r\n\r", "\n\r\n", "\r\r\n",
    ]);
    let block = (vec((line, line_end), 0..6), block_end).prop_map(|(lines, block_end)| {
        let lines: Vec<String> = lines
            .iter()
            .map(|(line, end)| [line, *end].concat())
            .collect();
        format!("{}data:{block_end}", lines.concat())
    });
    let start = select(vec!["", "\u{FEFF}"]);
    let cut_short = select(vec!["", "data: lost", "data: lost\n", "event: lost\r\n"]);
    (start, vec(block, 0..6), cut_short)
        .prop_map(|(start, blocks, rest)| [start, &blocks.concat(), rest].concat().into_bytes())
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        1 => Just(vec![1]),
        3 => vec(1..9_usize, 1..9),
        3 => vec(1..60_usize, 1..9),
    ]
}

/// The chunks as other decoders take them, all at hand.
fn body(chunks: &[&[u8]]) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Unpin {
    let chunks: Vec<_> = chunks
        .iter()
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    stream::iter(chunks)
}

/// Raw blocks put together: ids persist, and a block without data is no event.
fn decode_with_sse_stream(chunks: &[&[u8]]) -> Outcome {
    let blocks = sse_stream::SseByteStream::new(body(chunks)).collect::<Vec<_>>();
    let mut outcome = Outcome::default();
    let mut last_id = String::new();
    for block in blocks.now_or_never().unwrap() {
        let block = block.unwrap();
        last_id = block.id.unwrap_or(last_id);
        outcome.retry = block.retry.map(Duration::from_millis).or(outcome.retry);
        let named = block.event.filter(|name| !name.is_empty());
        if let Some(data) = block.data {
            let name = named.as_deref().unwrap_or("message");
            outcome.events.push(event((name, &data, &last_id)));
        }
    }
    outcome
}

fn decode_with_sseer(chunks: &[&[u8]]) -> Outcome {
    let found = sseer::EventStream::new(body(chunks)).collect::<Vec<_>>();
    let mut outcome = Outcome::default();
    for found in found.now_or_never().unwrap() {
        let found = found.unwrap();
        outcome.retry = found.retry.or(outcome.retry);
        outcome
            .events
            .push(event((&found.event, &found.data, &found.id)));
    }
    outcome
}

proptest! {
    // Four cuts each in the first.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2_600)
    })]

    #[test]
    fn any_bytes_decode_by_the_letter_of_the_standard_however_they_are_cut(
        stream in any_stream(),
        cuts in [lengths(), lengths(), lengths(), lengths()],
    ) {
        let expected = decode_by_the_letter(&stream);
        prop_assert_eq!(&decode_whole(ROOMY, &stream), &expected);
        for lengths in cuts {
            prop_assert_eq!(&decode_chunks(ROOMY, cut(&stream, &lengths)), &expected);
        }
    }

    #[test]
    fn under_any_cap_a_cut_changes_neither_the_events_nor_the_error(
        stream in any_stream(),
        limit in 0..24_usize,
        lengths in lengths(),
    ) {
        let whole = decode_whole(limit, &stream);
        prop_assert_eq!(&decode_chunks(limit, cut(&stream, &lengths)), &whole);
        let roomy = decode_whole(ROOMY, &stream);
        prop_assert!(roomy.events.starts_with(&whole.events));
        prop_assert!(whole.error.is_some() || whole == roomy);
    }

    #[test]
    fn other_decoders_read_the_same_in_a_well_formed_stream(
        stream in well_formed_stream(),
        lengths in lengths(),
    ) {
        let chunks = cut(&stream, &lengths);
        let outcome = decode_chunks(ROOMY, chunks.iter().copied());
        prop_assert_eq!(&outcome, &decode_with_sse_stream(&chunks));
        prop_assert_eq!(&outcome, &decode_with_sseer(&chunks));
    }
}
