import { lazy, Suspense } from 'react'
import { whyNotDelivery } from '../../../../server/fulfilment/lifecycle.ts'
import type { RowAction } from '../../ui/act/actions.ts'
import type { DeliveryRow } from '../types.ts'

// The papers of deliveries, for the pages that list them. Apart from the other actions, which the page of orders loads too.

const PaperDialog = lazy(() => import('./paper-dialog-page.tsx'))

const papers: RowAction<DeliveryRow> = {
  name: '/papers',
  path: '/print-jobs',
  words: ['打印单据', 'Print papers'],
  letter: 'D',
  permission: 'fulfilment.read',
  done: ['{n} 单的单据已打印', 'The papers of {n} were printed'],
  tabs: ['pending', 'shipped', 'all'],
  // The dialog prints by itself, and sends nothing to the server.
  input: ({ rows, onClose }) => (
    <Suspense>
      <PaperDialog rows={rows} onClose={onClose} />
    </Suspense>
  ),
}

const LabelPreview = lazy(() => import('../label-preview-page.tsx'))

const preview: RowAction<DeliveryRow> = {
  name: 'label-preview',
  path: '/print-jobs',
  words: ['预览面单', 'Look at the label'],
  letter: 'V',
  permission: 'fulfilment.ship',
  done: ['看过 {n} 张面单', '{n} labels were looked at'],
  tabs: ['pending', 'shipped', 'all'],
  why: (row, say) => (row.waybillNo === '' ? say(['还没有运单号', 'It has no number yet']) : undefined),
  // The dialog asks the print clients by itself.
  input: ({ rows, onClose }) => (
    <Suspense>
      <LabelPreview rows={rows} onClose={onClose} />
    </Suspense>
  ),
}

const LabelAndPapers = lazy(() => import('./label-and-papers-page.tsx'))

const labelAndPapers: RowAction<DeliveryRow> = {
  name: 'labels-and-papers',
  path: '/print-jobs',
  words: ['面单和单据', 'Labels and papers'],
  letter: 'L',
  permission: 'fulfilment.ship',
  done: ['{n} 张面单已送打印', '{n} labels were sent to the printer'],
  tabs: ['pending', 'all'],
  why: (row, say) => {
    const refusal = whyNotDelivery(row, 'print')
    return refusal && say(refusal.message)
  },
  input: ({ rows, onClose }) => (
    <Suspense>
      <LabelAndPapers rows={rows} onClose={onClose} />
    </Suspense>
  ),
}

export const paperActions = { papers, labelAndPapers, preview }
