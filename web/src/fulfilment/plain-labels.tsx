import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { mostPapers } from '../../../server/fulfilment/papers/contract.ts'
import { forCourier, templateFor } from '../../../server/fulfilment/papers/paper-rules.ts'
import { isRecord } from '../../../server/lib/json.ts'
import { queries } from '../queries.ts'
import { layoutPaper } from './papers/layout/layout.ts'
import { courierLabelData, type GivenLabel } from './papers/paper-data.ts'
import { papersQuery, templatesQuery } from './papers/paper-queries.ts'
import { PrintSheets } from './papers/sheet.tsx'
import { usePaperNames } from './papers/use-names.ts'
import type { NextDocument } from './print-run.ts'

// 快递100 gives a number and its sorting codes, and no picture: the plain label of our templates shows them, and the browser prints it.

/** Reads the contents of a document as the server hands it out. */
export function givenIn({ contents: [label, parcel] }: Pick<NextDocument, 'contents'>): GivenLabel[] {
  const given = { label, ...(isRecord(parcel) ? parcel : {}) }
  return isGiven(given) ? [given] : []
}

const isGiven = (of: Record<string, unknown>): of is GivenLabel & Record<string, unknown> =>
  isRecord(of['label']) && Array.isArray(of['deliveryIds'])

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

function Labels(props: {
  given: readonly GivenLabel[]
  onDone: () => void
  onFailed: (error: unknown) => void
}) {
  const { given, onDone, onFailed } = props
  const { papers, error } = usePlainPapers(given)
  useEffect(() => {
    if (error) onFailed(error)
  }, [error, onFailed])
  return papers && <PrintSheets papers={papers} onDone={onDone} />
}

/** Lays out plain labels by the templates of their shops and couriers; `papers` is undefined until their goods are known. */
export function usePlainPapers(given: readonly GivenLabel[]) {
  const ids = given.flatMap(({ deliveryIds }) => deliveryIds).slice(0, mostPapers)
  const templates = useQuery(templatesQuery)
  const found = useQuery(papersQuery(ids))
  const names = usePaperNames()
  const [rows, known] = [found.data?.rows, templates.data?.rows]
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names of this moment
  const papers = useMemo(
    () =>
      rows &&
      known &&
      given.map((one) => {
        const parcel = rows.filter(({ id }) => one.deliveryIds.includes(id))
        const of = { shopId: parcel[0]?.shopId ?? '', courier: one.label.courier }
        const template = forCourier(templateFor(known, 'label', of))
        return layoutPaper(template, courierLabelData(one.label, parcel, template, names))
      }),
    [given, rows, known],
  )
  return { papers, error: templates.error ?? found.error }
}
