/** The remaining limits for all parts of one archive: tags, and characters of text. */
export type XmlBudget = { tags: number; letters: number }

/** The longest attribute that is decoded. Real ones have a hundredth of this length. */
const attributeMax = 2000

/** The longest text before entities are decoded. A cell has at most 32,767 characters, and an entity for one has at most ten. */
const textMax = 330_000

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
      // Most tags follow another one. To look first is faster than a search.
      const start = xml.charCodeAt(this.#at) === less ? this.#at : xml.indexOf('<', this.#at)
      if (start < 0) return false
      this.#budget.tags -= 1
      if (this.#budget.tags < 0) throw new RangeError('Too many elements.')
      const mark = xml.charCodeAt(start + 1)
      if (mark === exclamation || mark === question) {
        if (!this.#skip(start)) return false
        continue
      }
      return this.#enter(start, mark === slash)
    }
  }

  /**
   * Reads what a sticky pattern describes at the present position, and moves behind it. It counts as one tag. Undefined: something else is
   * there.
   */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#xml)
    if (!found) return undefined
    this.#budget.tags -= 1
    if (this.#budget.tags < 0) throw new RangeError('Too many elements.')
    this.#at = pattern.lastIndex
    return found
  }

  /** Returns an attribute of the current tag, with or without a prefix, with decoded entities; undefined if the tag does not have it. */
  attribute(name: Attribute): string | undefined {
    if (this.#end - this.#nameEnd < 3) return undefined
    // No regular expression: a large sheet has a million attributes, and this takes half the time.
    const inside = this.#xml.slice(this.#nameEnd, this.#end)
    const begin = attributes[name]
    let at = inside.indexOf(begin)
    while (at > 0 && !beginsName(inside.charCodeAt(at - 1))) at = inside.indexOf(begin, at + 1)
    if (at < 0) return undefined
    const from = at + begin.length
    const to = inside.indexOf('"', from)
    if (to < 0) return undefined
    if (to - from > attributeMax) throw new RangeError('Too much text in an attribute.')
    return this.#plain(inside.slice(from, to))
  }

  /** Returns the text between the previous tag and the current one, with decoded entities. */
  text(): string {
    let text = ''
    for (const { from, to, literal } of this.#pieces)
      text += literal ? this.#cut(from, to) : this.#plain(this.#cut(from, to))
    return text + this.#plain(this.#cut(this.#textFrom, this.#start))
  }

  /** Decodes entities, and the escapes `_x0041_` of workbooks. Each counts as four tags, because a text may consist of nothing else. */
  #plain(text: string): string {
    const unescaped = this.#decoded(this.#decoded(text, entities), hexEscapes)
    return unescaped.includes('\0') ? unescaped.replaceAll('\0', '') : unescaped
  }

  #decoded(text: string, { open, close, longest, letterOf }: Escapes): string {
    let at = text.indexOf(open)
    if (at < 0) return text
    let decoded = ''
    let from = 0
    for (; at >= 0; at = text.indexOf(open, at + 1)) {
      this.#budget.tags -= 4
      if (this.#budget.tags < 0) throw new RangeError('Too many elements.')
      const inside = text.slice(at + open.length, at + open.length + longest + 1)
      const end = inside.indexOf(close)
      const letter = end > 0 ? letterOf(inside.slice(0, end)) : undefined
      if (letter === undefined) continue
      decoded += text.slice(from, at) + letter
      from = at + open.length + end + 1
      at = from - 1
    }
    return decoded + text.slice(from)
  }

  #cut(from: number, to: number): string {
    this.#budget.letters -= to - from
    if (this.#budget.letters < 0 || to - from > textMax) throw new RangeError('Too much text.')
    return this.#xml.slice(from, to)
  }

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#end + 1
  }

  /** Returns false if the tag is not closed. */
  #enter(start: number, closing: boolean): boolean {
    const xml = this.#xml
    let from = closing ? start + 2 : start + 1
    let at = from
    let letter = xml.charCodeAt(at)
    // At the end of the text the code is not a number, which ends the loop.
    while (letter > space && letter !== slash && letter !== greater) {
      at += 1
      if (letter === colon) from = at
      letter = xml.charCodeAt(at)
    }
    const end = letter === greater ? at : xml.indexOf('>', at)
    if (end < 0) return false
    this.name = xml.slice(from, at)
    this.#start = start
    this.#nameEnd = at
    this.#end = end
    this.#at = end + 1
    this.opens = !closing
    this.closes = closing || xml.charCodeAt(end - 1) === slash
    return true
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

const [less, greater, exclamation, question] = [0x3c, 0x3e, 0x21, 0x3f]
const [slash, colon, space, hash] = [0x2f, 0x3a, 0x20, 0x23]

/** True for a character that may be before an attribute's name: a blank, or the colon after a prefix. */
const beginsName = (letter: number) => letter <= space || letter === colon

/** The attributes that are read from workbooks, as they begin in a tag. */
const attributes = {
  r: 'r="',
  t: 't="',
  s: 's="',
  id: 'id="',
  Id: 'Id="',
  Target: 'Target="',
  numFmtId: 'numFmtId="',
  formatCode: 'formatCode="',
}
type Attribute = keyof typeof attributes

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Escapes have a name between `open` and `close`, at most `longest` characters. `letterOf` undefined: no escape, so the text stays. */
type Escapes = {
  open: string
  close: string
  longest: number
  letterOf: (name: string) => string | undefined
}
// The longest entities are `#x10FFFF` and `#1114111`.
const entities: Escapes = { open: '&', close: ';', longest: 8, letterOf: entityLetter }
const hexEscapes: Escapes = { open: '_x', close: '_', longest: 4, letterOf: hexLetter }

/** Returns the character of an entity, and nothing for one that XML forbids. Undefined: no entity. */
function entityLetter(name: string): string | undefined {
  const known = named[name]
  if (known !== undefined || name.charCodeAt(0) !== hash) return known
  const digits = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
  if (!digits) return undefined
  const code = digits[1] ? Number.parseInt(digits[1], 16) : Number(digits[2])
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ''
}

function hexLetter(digits: string): string | undefined {
  return /^[0-9A-F]{4}$/.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined
}
