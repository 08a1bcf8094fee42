import { posix } from 'node:path'
import { lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import type { GuideNode, GuidePage, GuideSection, GuideTag } from '../src/guide/types.ts'

/** Where a file of the project is shown: on a page of the guide, or nowhere (undefined). */
export type PageOfFile = (file: string) => string | undefined

type Place = { file: string; pageOf: PageOfFile }

const anchor = /^<a id="([a-z0-9-]+)">$/

/** Reads one Markdown file. What a guide may not have, such as HTML, is an error. */
export function parseGuide(markdown: string, place: Place): GuidePage {
  let title = ''
  const sections: GuideSection[] = [{ id: '', title: '', level: 1, body: [] }]
  for (const token of lexer(markdown)) {
    if (isKind(token, 'heading')) {
      const { id, text } = headingOf(token)
      if (token.depth === 1) title = text
      else if (token.depth === 2 || token.depth === 3)
        sections.push({ id, title: text, level: token.depth, body: [] })
      else throw new Error(`${place.file}: "${text}" is a heading of level ${token.depth}, 3 is the most`)
    } else sections.at(-1)?.body.push(...block(token, place))
  }
  if (title === '') throw new Error(`${place.file} has no title`)
  const twice = sections.find(({ id }, at) => sections.findIndex((each) => each.id === id) !== at)
  if (twice) throw new Error(`${place.file} has two headings with the id ${twice.id}`)
  return { title, sections }
}

/** The type of a token is not narrowed by its name, because extensions may add any. */
function isKind<Kind extends MarkedToken['type']>(
  token: Token,
  kind: Kind,
): token is Extract<MarkedToken, { type: Kind }> {
  return token.type === kind
}

/** The id is an anchor in the heading, `## 备份 <a id="backup"></a>`, or else the one that GitHub makes of its text. */
function headingOf({ tokens }: Tokens.Heading): { id: string; text: string } {
  const html = tokens.filter((token) => token.type === 'html')
  const text = tokens
    .filter((token) => token.type !== 'html')
    .map((token) => ('text' in token ? String(token.text) : ''))
    .join('')
    .trim()
  const given = html.map(({ raw }) => anchor.exec(raw)?.[1]).find((id) => id !== undefined)
  return { id: given ?? slug(text), text }
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(/\s/g, '-')

const element = (tag: GuideTag, children: GuideNode[]): GuideNode => ({ tag, children })

function block(token: Token, place: Place): GuideNode[] {
  if (isKind(token, 'space') || (isKind(token, 'html') && /^\s*<!--[\s\S]*-->\s*$/.test(token.raw))) return []
  if (isKind(token, 'paragraph')) return [element('p', inlines(token.tokens, place))]
  // The text of an item of a list that has no paragraphs.
  if (isKind(token, 'text')) return inlines(token.tokens ?? [], place)
  if (isKind(token, 'code')) return [element('pre', [token.text])]
  if (isKind(token, 'hr')) return [{ tag: 'hr' }]
  if (isKind(token, 'blockquote')) return [element('blockquote', blocks(token.tokens, place))]
  if (isKind(token, 'list'))
    return [
      element(
        token.ordered ? 'ol' : 'ul',
        token.items.map((item) => element('li', blocks(item.tokens, place))),
      ),
    ]
  if (isKind(token, 'table')) return [table(token, place)]
  throw new Error(`${place.file}: a guide has no ${token.type}: ${token.raw.slice(0, 60)}`)
}

const blocks = (tokens: readonly Token[], place: Place): GuideNode[] =>
  tokens.flatMap((token) => block(token, place))

function table({ header, rows }: Tokens.Table, place: Place): GuideNode {
  const row = (cells: readonly Tokens.TableCell[], tag: 'th' | 'td') =>
    element(
      'tr',
      cells.map((cell) => element(tag, inlines(cell.tokens, place))),
    )
  const head = header.some(({ text }) => text !== '') ? [element('thead', [row(header, 'th')])] : []
  return element('table', [
    ...head,
    element(
      'tbody',
      rows.map((cells) => row(cells, 'td')),
    ),
  ])
}

function inlines(tokens: readonly Token[], place: Place): GuideNode[] {
  const nodes: GuideNode[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (!token) continue
    const [key, end] = [tokens[at + 1], tokens[at + 2]]
    if (token.raw === '<kbd>' && key && end?.raw === '</kbd>') {
      nodes.push(element('kbd', [key.raw]))
      at += 2
    } else nodes.push(inline(token, place))
  }
  return joined(nodes)
}

function inline(token: Token, place: Place): GuideNode {
  if (isKind(token, 'text') && token.text.includes('**'))
    throw new Error(
      `${place.file}: a punctuation mark beside the stars keeps this from being bold: ${token.text}`,
    )
  if (isKind(token, 'text') || isKind(token, 'escape')) return token.text
  if (isKind(token, 'strong') || isKind(token, 'em')) return element(token.type, inlines(token.tokens, place))
  if (isKind(token, 'codespan')) return element('code', [token.text])
  if (isKind(token, 'br')) return { tag: 'br' }
  if (isKind(token, 'link')) return link(token, place)
  if (isKind(token, 'image')) return { tag: 'img', to: posix.basename(token.href), text: token.text }
  throw new Error(`${place.file}: a guide has no ${token.type}: ${token.raw.slice(0, 60)}`)
}

/** A link to a page of the guide becomes `page#id`; one to another file of the project keeps its path, from the root. */
function link({ href, tokens }: Tokens.Link, place: Place): GuideNode {
  const children = inlines(tokens, place)
  if (/^https:\/\//.test(href)) return { tag: 'a', to: href, children }
  const [path = '', id = ''] = href.split('#')
  const file = path === '' ? place.file : posix.join(posix.dirname(place.file), path)
  const page = place.pageOf(file)
  return page === undefined
    ? { tag: 'file', to: file, children }
    : { tag: 'a', to: `${page}#${id}`, children }
}

function joined(nodes: readonly GuideNode[]): GuideNode[] {
  const found: GuideNode[] = []
  for (const node of nodes) {
    const last = found.at(-1)
    if (typeof node === 'string' && typeof last === 'string') found[found.length - 1] = last + node
    else found.push(node)
  }
  return found
}

/** Returns all nodes of this tag, and those within them. */
export function nodesOf(nodes: readonly GuideNode[], tag: GuideTag): Exclude<GuideNode, string>[] {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return []
    const within = nodesOf(node.children ?? [], tag)
    return node.tag === tag ? [node, ...within] : within
  })
}

export function plainText(nodes: readonly GuideNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node
      const text = plainText(node.children ?? [])
      return /^(p|li|tr|pre|td|th)$/.test(node.tag) ? `${text} ` : text
    })
    .join('')
    .replaceAll(/\s+/g, ' ')
}
