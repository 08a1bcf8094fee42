import type { PaperTemplate } from '../../../../../server/fulfilment/papers/paper-rules.ts'
import type { PaperData, PaperItem } from './items.ts'
import { layoutPaper } from './layout.ts'

/** The document that the print client of Cainiao draws: it puts each item where the data say. Another form needs another name, because clients keep it. */
export const areaDocument = '/label-area-2.xml'

type AreaItem = { x: number; y: number; w: number; h: number } & (
  | { kind: 'text'; text: string; pt: number; weight: 'bold' | 'normal'; align: 'left' | 'right' }
  | { kind: 'code' | 'qr'; text: string }
  | { kind: 'bar' }
)
export type AreaContent = {
  templateURL: string
  data: { top: number; width: number; height: number; items: AreaItem[] }
}

/**
 * The custom area of a label as the print client gets it: the items of the layout that the editor shows, with their places. An area is one
 * sheet; rows that find no room are counted in its last line.
 */
export function areaContent(template: PaperTemplate, data: PaperData, origin: string): AreaContent {
  const paper = layoutPaper(oneSheet(template), data)
  const items = (paper.sheets[0] ?? []).flatMap((item) => areaItem(item) ?? [])
  const { widthMm: width, heightMm: height, options } = template
  return { templateURL: origin + areaDocument, data: { top: options.topMm ?? 0, width, height, items } }
}

const oneSheet = (template: PaperTemplate): PaperTemplate => ({
  ...template,
  options: { ...template.options, overflow: 'cut' },
})

function areaItem(item: PaperItem): AreaItem | undefined {
  const { x, y, w, h } = item
  switch (item.kind) {
    case 'text': {
      const { text, pt, align } = item
      const weight = item.bold ? 'bold' : 'normal'
      return { kind: 'text', x, y, w, h, text: plain(text), pt, weight, align }
    }
    case 'code':
    case 'qr':
      return { kind: item.kind, x, y, w, h, text: plain(item.text) }
    case 'bar':
      return { kind: 'bar', x, y, w, h }
    case 'box':
    case 'picture':
      return undefined
  }
}

/** A text within CDATA cannot hold its end. */
const plain = (text: string) => text.replaceAll(']]>', ']] >')
