"""The root of the exceptions that a user may see; each message is one line that says what to do.

CodebookError
├── EditionError         no edition, or one that cannot be used   (corpus.editions)
├── IndexMismatchError   vectors of another model                 (corpus.passages)
├── SettingsError        a setting that cannot be read            (assistant.settings)
├── ChatModelError       a chat model that cannot be used         (assistant.models)
├── ReadError            an official file that cannot be read     (ingest.readers.base)
├── BusyError            another ingest at work                   (ingest.lock)
├── FetchError           a page or file that cannot be fetched    (ingest.fetching.web)
└── IngestError          what cannot be done with the sources     (ingest.build)
"""


class CodebookError(Exception):
    """Something the user can mend."""
