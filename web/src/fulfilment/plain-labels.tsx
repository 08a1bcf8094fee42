import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import type { PlainLabel } from '../../../server/carriers/plain-label-contract.ts'
import { mostPapers } from '../../../server/fulfilment/papers/contract.ts'
import {
  type PaperField,
  type PaperTemplate,
  templateFor,
} from '../../../server/fulfilment/papers/paper-rules.ts'
import { isRecord } from '../../../server/lib/json.ts'
import { queries } from '../queries.ts'
import { layoutPaper, type Paper } from './papers/layout.ts'
import { type DeliveryOnPaper, deliveryData, type PaperNames } from './papers/paper-data.ts'
import { papersQuery, templatesQuery } from './papers/paper-queries.ts'
import { PrintSheets } from './papers/sheet.tsx'
import { usePaperNames } from './papers/use-names.ts'
import type { NextDocument } from './print-run.ts'

// 快递100 gives a number and its sorting codes, and no picture: the plain label of our templates shows them, and the browser prints it.

type Given = { label: PlainLabel; deliveryIds: readonly string[] }

/** Reads the contents of a document as the server hands it out. */
function givenIn({ contents: [label, parcel] }: NextDocument): Given[] {
  const given = { label, ...(isRecord(parcel) ? parcel : {}) }
  return isGiven(given) ? [given] : []
}

const isGiven = (of: Record<string, unknown>): of is Given & Record<string, unknown> =>
  isRecord(of['label']) && Array.isArray(of['deliveryIds'])

/** A courier cannot carry a parcel without these, so they are printed with every template. */
const needed: ReadonlySet<PaperField> = new Set(['routing', 'barcode', 'waybill', 'receiver'])

const forCourier = (template: PaperTemplate): PaperTemplate => ({
  ...template,
  options: {
    ...template.options,
    fields: template.options.fields.map((field) => ({ ...field, on: field.on || needed.has(field.key) })),
  },
})

/** Lays out the label of one parcel. A merged shipment names the goods of all its deliveries. */
export function plainLabel(
  { label, deliveryIds }: Given,
  rows: readonly DeliveryOnPaper[],
  { templates, names }: { templates: readonly (PaperTemplate & { id: string })[]; names: PaperNames },
): Paper[] {
  const parcel = rows.filter(({ id }) => deliveryIds.includes(id))
  const [first] = parcel
  if (!first) return []
  const template = forCourier(templateFor(templates, 'label', { ...first, courier: label.courier }))
  const whole = {
    ...first,
    goods: parcel.flatMap(({ goods }) => goods),
    pieces: parcel.reduce((sum, { pieces }) => sum + pieces, 0),
    ...{ courier: label.courier, waybillNo: label.waybillNo },
  }
  const { values, lines } = deliveryData(whole, template, names, personText(label.receiver))
  const bag = [label.bag, label.road].filter(Boolean).join(' · ')
  const more = { routing: label.routing, bag, sender: personText(label.sender) }
  return [layoutPaper(template, { lines, values: { ...values, ...more } })]
}

const personText = ({ name, phone, address }: PlainLabel['receiver']) => `${name} ${phone}\n${address}`

/** Opens the browser's print dialog for the labels of these documents, and settles when it is closed. The browser does not know which came out. */
export function printPlainLabels(documents: readonly NextDocument[]): Promise<void> {
  const place = document.createElement('div')
  document.body.append(place)
  const root = createRoot(place)
  return new Promise<void>((resolve, reject) => {
    root.render(
      <QueryClientProvider client={queries}>
        <Labels given={documents.flatMap(givenIn)} onDone={resolve} onFailed={reject} />
      </QueryClientProvider>,
    )
  }).finally(() => {
    root.unmount()
    place.remove()
  })
}

function Labels(props: { given: readonly Given[]; onDone: () => void; onFailed: (error: unknown) => void }) {
  const { given, onDone, onFailed } = props
  const ids = given.flatMap(({ deliveryIds }) => deliveryIds).slice(0, mostPapers)
  const templates = useQuery(templatesQuery)
  const found = useQuery(papersQuery(ids))
  const names = usePaperNames()
  const error = templates.error ?? found.error
  useEffect(() => {
    if (error) onFailed(error)
  }, [error, onFailed])
  const [rows, known] = [found.data?.rows, templates.data?.rows]
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names of this moment
  const papers = useMemo(
    () => rows && known && given.flatMap((one) => plainLabel(one, rows, { templates: known, names })),
    [given, rows, known],
  )
  return papers && <PrintSheets papers={papers} onDone={onDone} />
}
