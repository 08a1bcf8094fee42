/** The remaining limits for all parts of one archive: tags, and characters of text. */
export type XmlBudget = { tags: number; letters: number }

/** The longest attribute that is decoded. Real ones have a hundredth of this length. */
const attributeMax = 2000

/**
 * Walks over the tags of an XML text from left to right, once, so that even a malicious text takes linear time. Throws RangeError if a
 * limit is exceeded, and on a DOCTYPE: no workbook has one, and its entities can expand without limit.
 */
export class XmlTags {
  readonly #xml: string
  readonly #budget: XmlBudget
  #at = 0
  #textFrom = 0
  #start = 0
  #nameEnd = 0
  #end = 0
  /**
   * The ranges of text between the previous tag and the current one that are separated by comments and CDATA sections. `literal`: a CDATA
   * section.
   */
  #pieces: { from: number; to: number; literal: boolean }[] = []
  /** The name of the current tag, without its prefix. */
  name = ''
  /** `<a>` opens, `</a>` closes, `<a/>` does both. */
  opens = false
  closes = false

  constructor(xml: string, budget: XmlBudget) {
    this.#xml = xml
    this.#budget = budget
  }

  /** Moves to the next tag. Returns false at the end, or if a tag is not closed. */
  next(): boolean {
    const xml = this.#xml
    this.#textFrom = this.#at
    if (this.#pieces.length > 0) this.#pieces = []
    for (;;) {
      const start = xml.indexOf('<', this.#at)
      if (start < 0) return false
      this.#budget.tags -= 1
      if (this.#budget.tags < 0) throw new RangeError('Too many elements.')
      const mark = xml.charCodeAt(start + 1)
      if (mark === exclamation || mark === question) {
        if (!this.#skip(start)) return false
        continue
      }
      const end = xml.indexOf('>', start)
      if (end < 0) return false
      this.#take(start, end, mark === slash)
      return true
    }
  }

  /** Returns an attribute of the current tag, with decoded entities; undefined if the tag does not have it. */
  attribute(name: keyof typeof attributes): string | undefined {
    if (this.#end - this.#nameEnd < 3) return undefined
    const value = attributes[name].exec(this.#xml.slice(this.#nameEnd, this.#end))?.[1]
    if (value === undefined) return undefined
    if (value.length > attributeMax) throw new RangeError('Too much text in an attribute.')
    return plain(value)
  }

  /** Returns the text between the previous tag and the current one, with decoded entities. */
  text(): string {
    let text = ''
    for (const { from, to, literal } of this.#pieces)
      text += literal ? this.#cut(from, to) : plain(this.#cut(from, to))
    return text + plain(this.#cut(this.#textFrom, this.#start))
  }

  #cut(from: number, to: number): string {
    this.#budget.letters -= to - from
    if (this.#budget.letters < 0) throw new RangeError('Too much text.')
    return this.#xml.slice(from, to)
  }

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end + 1
  }

  #take(start: number, end: number, closing: boolean): void {
    const xml = this.#xml
    let from = closing ? start + 2 : start + 1
    let at = from
    for (; at < end; at += 1) {
      const letter = xml.charCodeAt(at)
      if (letter === colon) from = at + 1
      else if (letter === slash || letter <= space) break
    }
    this.name = xml.slice(from, at)
    this.#start = start
    this.#nameEnd = at
    this.#end = end
    this.#at = end + 1
    this.opens = !closing
    this.closes = closing || xml.charCodeAt(end - 1) === slash
  }

  /** Skips a comment, CDATA section or instruction. Returns false if it is not closed. */
  #skip(start: number): boolean {
    const kind = skipped.find(({ open }) => this.#xml.startsWith(open, start))
    if (!kind) throw new RangeError('A document type.')
    const inside = start + kind.open.length
    const end = this.#xml.indexOf(kind.close, inside)
    if (end < 0) return false
    if (this.#pieces.length > piecesMax) throw new RangeError('Too many comments.')
    this.#pieces.push({ from: this.#textFrom, to: start, literal: false })
    if (kind.literal) this.#pieces.push({ from: inside, to: end, literal: true })
    this.#at = end + kind.close.length
    this.#textFrom = this.#at
    return true
  }
}

/** At most this many comments and CDATA sections may be between two tags. */
const piecesMax = 1000

const skipped = [
  { open: '<?', close: '?>', literal: false },
  { open: '<!--', close: '-->', literal: false },
  { open: '<![CDATA[', close: ']]>', literal: true },
]

const [exclamation, question, slash, colon, space] = [0x21, 0x3f, 0x2f, 0x3a, 0x20]

/** The attributes that are read from workbooks, with or without a prefix. */
const attributes = {
  r: /(?:^|[\s:])r="([^"]*)"/,
  t: /(?:^|[\s:])t="([^"]*)"/,
  s: /(?:^|[\s:])s="([^"]*)"/,
  id: /(?:^|[\s:])id="([^"]*)"/,
  Id: /(?:^|[\s:])Id="([^"]*)"/,
  Target: /(?:^|[\s:])Target="([^"]*)"/,
  numFmtId: /(?:^|[\s:])numFmtId="([^"]*)"/,
  formatCode: /(?:^|[\s:])formatCode="([^"]*)"/,
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function plain(text: string): string {
  const decoded = text.includes('&') ? text.replace(entity, character) : text
  return decoded.includes('_x') || decoded.includes('\0')
    ? decoded
        .replace(/_x([0-9A-F]{4})_/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replaceAll('\0', '')
    : decoded
}

const entity = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,4}));/gi

function character(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name) return named[name] ?? whole
  const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16)
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ''
}
