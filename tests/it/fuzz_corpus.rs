//! The fuzz targets on the inputs that are kept: what was picked by hand, and what once
//! broke a promise.

use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

#[test]
fn every_promise_holds_for_every_input_that_is_kept() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in targets::TARGETS {
        let inputs = std::fs::read_dir(corpus.join(name)).expect(name);
        let mut played = 0;
        for input in inputs {
            let path = input.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            // Printed where the target then panics.
            println!("{}", path.display());
            target(&bytes);
            played += 1;
        }
        assert!(played > 0, "{name} has no inputs");
    }
}
