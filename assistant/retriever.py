"""The finder with the face of a LangChain retriever, for chains built on Codebook."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.retrieval import Finder
from corpus.model import Passage


def to_document(passage: Passage) -> Document:
    """A passage as LangChain knows it; source, release and place travel in the metadata."""
    metadata = {
        "title": passage.title,
        "source": passage.source.title,
        "release": passage.source.release,
        "place": passage.place,
        "system": str(passage.system or ""),
        "code": passage.code or "",
    }
    return Document(id=passage.key, page_content=passage.text, metadata=metadata)


class CodebookRetriever(BaseRetriever):
    """Passages for a question: exact → full text → vectors, fused."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    finder: Finder
    limit: int = 6

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        return [to_document(hit.passage) for hit, _ in self.finder.passages(query, self.limit)]
