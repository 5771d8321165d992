"""The tables of the assistant (SQLAlchemy 1.4 in the style of 2.0). Every change comes with a migration."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, Integer, String, func
from sqlalchemy.orm import declarative_base

Base: Any = declarative_base()


class OpenQuestion(Base):
    """A question that the assistant could not answer; holds nothing personal and no conversation id."""

    __tablename__ = "open_questions"

    id = Column(Integer, primary_key=True)
    text = Column(String(1000), nullable=False)
    reason = Column(String(20), nullable=False)
    times = Column(Integer, nullable=False, default=1)
    noted_at = Column(DateTime, nullable=False, server_default=func.now())
