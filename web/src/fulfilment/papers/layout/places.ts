import {
  drawnFields,
  type FieldOption,
  type FieldPlace,
  type PaperField,
  type PaperTemplate,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { innerOf, rowsOf } from './field-layout.ts'
import { textHeight } from './items.ts'

// The places of fields in a free layout: moving, sizing and snapping. Pure. Places are kept to half a millimetre.

export type Placed = FieldOption & { place: FieldPlace }
export const withPlace = (field: FieldOption): Placed | undefined =>
  field.place ? { ...field, place: field.place } : undefined

const half = (mm: number) => Math.round(mm * 2) / 2
const leastMm = 2

/** Keeps a place on the paper, with a size that can be taken hold of. */
export function within(place: FieldPlace, { widthMm, heightMm }: PaperTemplate): FieldPlace {
  const w = Math.min(Math.max(half(place.w), leastMm), widthMm)
  const h = Math.min(Math.max(half(place.h), leastMm), heightMm)
  const x = Math.min(Math.max(half(place.x), 0), widthMm - w)
  const y = Math.min(Math.max(half(place.y), 0), heightMm - h)
  return { ...place, x, y, w, h }
}

/** An edge or a corner by which a place is sized: -1 its left or upper edge, 1 its right or lower one. Both 0: the whole place is moved. */
export type Grip = { dx: -1 | 0 | 1; dy: -1 | 0 | 1 }

/** Moves a place, or one of its edges, by some millimetres. The opposite edge stays. */
export function pulled(place: FieldPlace, { dx, dy }: Grip, by: { x: number; y: number }): FieldPlace {
  if (dx === 0 && dy === 0) return { ...place, x: place.x + by.x, y: place.y + by.y }
  const w = Math.max(place.w + dx * by.x, leastMm)
  const h = Math.max(place.h + dy * by.y, leastMm)
  const x = dx === -1 ? place.x + place.w - w : place.x
  const y = dy === -1 ? place.y + place.h - h : place.y
  return { ...place, x, y, w, h }
}

/** How near an edge must be to another one to be drawn to it. */
const nearMm = 1.2

export type Guides = { x: number[]; y: number[] }

/**
 * Draws the moved edges of a place to the edges of the others and of the paper, else to whole millimetres. Returns the lines that it was
 * drawn to.
 */
export function snapped(
  place: FieldPlace,
  { dx, dy }: Grip,
  others: readonly FieldPlace[],
  template: PaperTemplate,
): { place: FieldPlace; guides: Guides } {
  const inner = innerOf(template)
  const right = inner.x + inner.w
  const xs = [inner.x, right, ...others.flatMap(({ x, w }) => [x, x + w])]
  const ys = [inner.top, inner.bottom, ...others.flatMap(({ y, h }) => [y, y + h])]
  const moves = dx === 0 && dy === 0
  const byX = drawn(moves ? [place.x, place.x + place.w] : edgesOf(dx, place.x, place.w), xs)
  const byY = drawn(moves ? [place.y, place.y + place.h] : edgesOf(dy, place.y, place.h), ys)
  const by = { x: byX.by, y: byY.by }
  return { place: pulled(place, { dx, dy }, by), guides: { x: byX.lines, y: byY.lines } }
}

const edgesOf = (side: -1 | 0 | 1, from: number, size: number) =>
  side === 0 ? [] : [side === -1 ? from : from + size]

/** The way of the edge that is nearest to a line; without a line the way of the first edge to a whole millimetre. */
function drawn(edges: readonly number[], lines: readonly number[]): { by: number; lines: number[] } {
  const pairs = edges.flatMap((edge) => lines.map((line) => ({ by: line - edge, line })))
  const [best] = pairs
    .filter(({ by }) => Math.abs(by) <= nearMm)
    .toSorted((one, other) => Math.abs(one.by) - Math.abs(other.by))
  if (best) return { by: best.by, lines: [best.line] }
  const [edge = 0] = edges
  return { by: Math.round(edge) - edge, lines: [] }
}

/** Pairs of fields that are printed over each other. */
export function overlapping(fields: readonly Placed[]): [PaperField, PaperField][] {
  return fields.flatMap(({ key, place: one }, at) =>
    fields.slice(at + 1).flatMap(({ key: otherKey, place: other }): [PaperField, PaperField][] => {
      const apart =
        one.x + one.w <= other.x + 0.1 ||
        other.x + other.w <= one.x + 0.1 ||
        one.y + one.h <= other.y + 0.1 ||
        other.y + other.h <= one.y + 0.1
      return apart ? [] : [[key, otherKey]]
    }),
  )
}

/** Fields whose text is often longer than a line. */
const longFields: ReadonlySet<PaperField> = new Set([
  'receiver',
  'text',
  'text2',
  'text3',
  'buyerMessage',
  'sellerMemo',
  'sender',
])
const signedMm = 5

function heightOf({ key, size }: FieldOption): number {
  if (drawnFields.has(key)) return size
  if (key === 'picker' || key === 'handedBy' || key === 'takenBy') return textHeight(size) + signedMm
  return textHeight(size, longFields.has(key) ? 2 : 1)
}

const up = (mm: number) => Math.ceil(mm * 2 - 0.001) / 2
const gapMm = 1

/**
 * Gives each field the place that it has in rows: the fields above the list begin at the top, those below it end at the bottom, and the
 * list gets the room between.
 */
export function placedAsRows(template: PaperTemplate): PaperTemplate {
  const inner = innerOf(template)
  const on = template.options.fields.filter((field) => field.on)
  const at = on.findIndex(({ key }) => key === 'goods')
  const rowHeight = (row: readonly FieldOption[]) => up(Math.max(...row.map(heightOf)))
  const placesOf = (rows: FieldOption[][], top: number) => {
    let y = top
    return rows.flatMap((row) => {
      const rowTop = y
      y += rowHeight(row) + gapMm
      const w = row.length === 2 ? Math.floor(inner.w / 2) : inner.w
      return row.map((field, n): [PaperField, FieldPlace] => {
        const x = n === 1 ? inner.x + inner.w - w : inner.x
        return [field.key, { x, y: rowTop, w, h: up(heightOf(field)), right: n === 1 }]
      })
    })
  }
  const heightsOf = (rows: FieldOption[][]) => rows.reduce((sum, row) => sum + rowHeight(row) + gapMm, 0)
  const head = rowsOf(at < 0 ? on : on.slice(0, at))
  const foot = rowsOf(at < 0 ? [] : on.slice(at + 1))
  const [top, end] = [inner.top + heightsOf(head), inner.bottom - heightsOf(foot)]
  const list = { x: inner.x, y: top, w: inner.w, h: Math.max(end - top, 10), right: false }
  const places = new Map([
    ...placesOf(head, inner.top),
    ...(at < 0 ? [] : [['goods', list] as [PaperField, FieldPlace]]),
    ...placesOf(foot, Math.max(end, top + 10) + gapMm),
  ])
  const fields = template.options.fields.map((field) => {
    const place = places.get(field.key)
    return place ? { ...field, place: within(place, template) } : field
  })
  return { ...template, options: { ...template.options, free: true, fields } }
}

/** Puts a field on the paper with its upper left corner there, or below all others, as far as there is room. */
export function withField(
  template: PaperTemplate,
  key: PaperField,
  corner?: { x: number; y: number },
): PaperTemplate {
  const inner = innerOf(template)
  const lowest = template.options.fields.flatMap((one) =>
    one.on && one.place ? one.place.y + one.place.h : [],
  )
  const { x, y } = corner ?? { x: inner.x, y: Math.max(inner.top, ...lowest.map((end) => end + gapMm)) }
  return changed(template, key, (field) => {
    const w = key === 'goods' ? inner.w : Math.min(inner.w, Math.max(20, Math.floor(inner.w / 2)))
    const h = key === 'goods' ? 15 : up(heightOf(field))
    return { ...field, on: true, place: within({ x, y, w, h, right: false }, template) }
  })
}

/** Changes one field of a template. */
export const changed = (
  template: PaperTemplate,
  key: PaperField,
  change: (field: FieldOption) => FieldOption,
): PaperTemplate => ({
  ...template,
  options: {
    ...template.options,
    fields: template.options.fields.map((field) => (field.key === key ? change(field) : field)),
  },
})
