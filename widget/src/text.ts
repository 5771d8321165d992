// Turns the plain text of a message into pieces; nothing in it is ever taken for HTML.

export interface Piece {
  text: string;
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'()]+/gi;
const SAFE = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Returns an address that may stand in a link, or undefined: only http, https, mailto and tel. */
export function safeLink(address: unknown): string | undefined {
  if (typeof address !== "string") return undefined;
  try {
    const url = new URL(address);
    return SAFE.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Returns a text in pieces, the phone numbers that are known apart. */
export function withNumbers(text: string, numbers: string[]): Piece[] {
  const known = numbers.filter(Boolean).map((number) => number.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!known.length) return [{ text }];
  return text.split(new RegExp(`(?<![\\d-])(${known.join("|")})(?![\\d-])`)).map((part) => {
    const href = numbers.includes(part) ? safeLink(`tel:${part.replace(/[^0-9+]/g, "")}`) : undefined;
    return href ? { text: part, href } : { text: part };
  });
}

/** Returns a text in pieces, web addresses apart; the sign after an address is no part of it. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(/[.,;:!?]+$/, "");
    const href = safeLink(address);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}
