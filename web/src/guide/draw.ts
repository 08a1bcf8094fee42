import { createElement, type ReactNode } from 'react'
import type { GuideNode } from './types.ts'

/** How a place that shows guides draws what differs between them: the panel has no addresses, the site no pages of the program. */
export type GuideParts = {
  link: (to: string, children: ReactNode) => ReactNode
  /** A word of the screens, such as a button or the way to a page in the menu. */
  word: (text: string) => ReactNode
  picture: (name: string, alt: string) => ReactNode
}

/** Draws a guide. It makes elements, and no HTML from text, wherever it runs: in the panel, or while the site is written. */
export function drawGuide(nodes: readonly GuideNode[], parts: GuideParts): ReactNode[] {
  return nodes.map((node, at) => {
    if (typeof node === 'string') return node
    return createElement(Part, { key: at, node, parts })
  })
}

function Part({ node, parts }: { node: Exclude<GuideNode, string>; parts: GuideParts }): ReactNode {
  const { tag, to = '', text = '', children = [] } = node
  const drawn = drawGuide(children, parts)
  const [first] = children
  if (tag === 'a') return parts.link(to, drawn)
  if (tag === 'img') return parts.picture(to, text)
  if (tag === 'strong' && typeof first === 'string') return parts.word(first)
  if (tag === 'file') return createElement('code', null, to)
  if (tag === 'kbd') return createElement('kbd', { className: 'keycap' }, ...drawn)
  if (tag === 'hr' || tag === 'br') return createElement(tag)
  // A table is wider than the panel, so it scrolls by itself, also by keyboard.
  if (tag === 'table' || tag === 'pre')
    return createElement('div', { className: 'guide-wide' }, createElement(tag, null, ...drawn))
  return createElement(tag, null, ...drawn)
}
