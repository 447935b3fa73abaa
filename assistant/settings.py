"""What the environment says about the chat model: variables `CODEBOOK_CHAT_…`. Read when a chat model is wanted, never before."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from corpus.errors import CodebookError

PREFIX = "CODEBOOK_"


class SettingsError(CodebookError):
    """A variable that cannot be read; the message names it and never holds its value."""


class Settings(BaseSettings):
    """The variables, each without its prefix; empty ones count as not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, env_parse_none_str="none", frozen=True, extra="ignore")

    chat_model: str | None = None  # a name of `init_chat_model`: "openai:gpt-x", "ollama:llama3", "anthropic:claude-x"
    chat_base_url: str | None = None  # any server that speaks the provider's protocol
    chat_api_key: SecretStr | None = None  # else the provider's own variable, e.g. OPENAI_API_KEY
    chat_timeout: float = Field(default=60.0, gt=0)  # seconds for a whole reply, retries included
    chat_temperature: float | None = Field(default=0.0, ge=0)  # "none" for models that take no temperature


def read() -> Settings:
    """The settings as the environment has them now.

    Raises:
        SettingsError: when a variable has a value of the wrong kind.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise SettingsError(problems) from None  # pydantic's own message would show the values
