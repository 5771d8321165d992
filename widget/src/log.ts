// What was said, in order, whatever way and however often it arrives.

export interface QuickReply {
  title: string;
  payload: string;
}

export interface Citation {
  section: string;
  url: string | null;
}

/** A message as the server keeps it. */
export interface Entry {
  seq?: number;
  from: "visitor" | "assistant";
  id: string;
  text: string;
  reply_to?: string;
  quick_replies?: QuickReply[];
  citations?: Citation[];
  kind?: string;
}

export type SendingState = "waiting" | "sending" | "failed";

/** A message of the visitor that the server does not have yet. */
export interface Pending {
  id: string;
  text: string;
  payload?: string;
  state: SendingState;
  problem?: string;
  again?: boolean;
}

export class MessageLog {
  private byId = new Map<string, Entry>();
  entries: Entry[] = [];
  pending: Pending[] = [];
  /** Place of the last message that there is. */
  last = 0;

  /** Adds messages; those that are there already change nothing. Returns whether one between is missing. */
  add(found: Entry[], isHistory = false): boolean {
    let gap = false;
    for (const entry of found) {
      if (!isEntry(entry) || this.byId.has(entry.id)) continue;
      this.pending = this.pending.filter((message) => message.id !== entry.id);
      if (entry.seq !== undefined) {
        gap ||= !isHistory && entry.seq > this.last + 1;
        if (!gap) this.last = Math.max(this.last, entry.seq);
      }
      this.byId.set(entry.id, entry);
      this.entries.push(entry);
    }
    this.entries.sort((one, other) => (one.seq ?? Infinity) - (other.seq ?? Infinity));
    return gap;
  }

  /** Messages of the visitor that have no reply yet. */
  get open(): boolean {
    const answered = new Set(this.entries.map((entry) => entry.reply_to));
    return this.entries.some((entry) => entry.from === "visitor" && !answered.has(entry.id));
  }

  /** How many messages of the assistant come after a place. */
  after(seq: number): number {
    return this.entries.filter((entry) => entry.from === "assistant" && (entry.seq ?? 0) > seq).length;
  }

  /** Forgets what was said; what waits to be sent stays, unless it is to go too. */
  clear(pendingToo: boolean): void {
    this.byId.clear();
    this.entries = [];
    if (pendingToo) this.pending = [];
    this.last = 0;
  }
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Entry> | null;
  return (
    typeof entry === "object" &&
    entry !== null &&
    typeof entry.id === "string" &&
    typeof entry.text === "string" &&
    (entry.from === "visitor" || entry.from === "assistant")
  );
}
