import { useState } from 'react'
import PrintDialog from '../print-dialog-page.tsx'
import type { DeliveryRow } from '../types.ts'
import PaperDialog from './paper-dialog-page.tsx'

/** 面单和单据: prints the labels of these deliveries, then their papers, in the same order. */
export default function LabelAndPapers(props: { rows: readonly DeliveryRow[]; onClose: () => void }) {
  const [labelled, setLabelled] = useState(false)
  return labelled ? (
    <PaperDialog {...props} />
  ) : (
    <PrintDialog rows={props.rows} onClose={() => setLabelled(true)} />
  )
}
