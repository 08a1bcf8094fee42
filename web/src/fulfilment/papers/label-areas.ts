import { templateFor } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { isRecord } from '../../../../server/lib/json.ts'
import { queries } from '../../queries.ts'
import { shopNamesQuery } from '../../ui/base/session.ts'
import { areaContent } from './layout/area-layout.ts'
import { deliveryData, oneOf } from './paper-data.ts'
import { papersQuery, templatesQuery } from './paper-queries.ts'

export type Printed = { contents: readonly unknown[] }

/** The deliveries for which this label may have a custom area of ours; undefined: it has none, or one of the platform's. */
function areaOf({ contents: [, over] }: Printed): string[] | undefined {
  const ids = isRecord(over) ? over['areaOf'] : undefined
  return Array.isArray(ids) ? ids.map(String) : undefined
}

/**
 * Lays out the custom areas of labels by the templates of their shops and couriers, as the print client gets them. A label without a fitting
 * template has none.
 */
export async function withAreas<Document extends Printed>(
  documents: readonly Document[],
): Promise<Document[]> {
  const ids = documents.flatMap((one) => areaOf(one) ?? [])
  if (ids.length === 0) return [...documents]
  const templates = (await queries.fetchQuery(templatesQuery)).rows
  const { rows } = await queries.fetchQuery(papersQuery(ids))
  const shops = (await queries.fetchQuery(shopNamesQuery)).rows
  const shop = (id: string) => shops.find((one) => one.id === id)?.name ?? ''
  const names = { shop, courier: (code: string) => code, printed: '' }
  return documents.map((document) => {
    const own = areaOf(document)
    if (!own) return document
    const [label] = document.contents
    const parcel = oneOf(rows.filter(({ id }) => own.includes(id)))
    const template = parcel && templateFor(templates, 'label_area', parcel)
    if (!parcel || !template || !('id' in template)) return { ...document, contents: [label] }
    const data = deliveryData(parcel, template, names)
    return { ...document, contents: [label, areaContent(template, data, location.origin)] }
  })
}
