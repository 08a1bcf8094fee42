import type {
  FieldOption,
  FieldPlace,
  PaperField,
} from '../../../../../server/fulfilment/papers/paper-rules.ts'
import { innerOf, layField, layRows, type OnPaper, rowsOf, textOf } from './field-layout.ts'
import { type PaperItem, round } from './items.ts'
import { layList } from './list-layout.ts'
import { overlapping, withPlace } from './places.ts'

/**
 * Lays out a paper whose fields have places of their own. A list that is too long goes on in its place on further sheets, which have the
 * other fields too. A field without a place, such as one that the courier needs and the template has off, is printed below the others.
 */
export function layFree(shown: readonly FieldOption[], on: OnPaper): PaperItem[][] {
  const { template, checks } = on
  const placed = shown.flatMap((field) => withPlace(field) ?? [])
  const fields = placed.flatMap((field) => (field.key === 'goods' ? [] : itemsOf(field, on)))
  const goods = placed.find(({ key }) => key === 'goods')
  const lists = goods ? listIn(goods.place, on) : [[]]
  const inner = innerOf(template)
  const below = Math.max(inner.top, ...placed.map(({ place }) => place.y + place.h + 1))
  const others = shown.filter((field) => field.place === undefined && field.key !== 'goods')
  const rest = layRows(rowsOf(others), { ...on, inner, top: below })
  if (rest.items.length > 0 && rest.y > inner.bottom + 0.01) checks.lost.push(...others.map(({ key }) => key))
  const isOff = ({ x, y, w, h }: FieldPlace) => x + w > template.widthMm || y + h > template.heightMm
  checks.lost.push(...placed.filter(({ place }) => isOff(place)).map(({ key }) => key))
  checks.over.push(...new Set<PaperField>(overlapping(placed).flat()))
  return lists.map((list) => [...fields, ...rest.items, ...list])
}

function itemsOf(
  field: FieldOption & { place: FieldPlace },
  { template, data, checks }: OnPaper,
): PaperItem[] {
  const { place, key } = field
  const align = place.right ? ('right' as const) : ('left' as const)
  return layField(field, place, { template, checks, align, text: textOf(key, template, data) }).items
}

function listIn({ x, y, w, h }: FieldPlace, { template, data, checks }: OnPaper): PaperItem[][] {
  const frame = { x, w, top: y, bottom: round(y + h), footHeight: 0, margin: y }
  const list = layList(template, data.lines, frame)
  Object.assign(checks, { rowsFit: list.rowsFit, leftOut: list.leftOut })
  return list.sheets
}
