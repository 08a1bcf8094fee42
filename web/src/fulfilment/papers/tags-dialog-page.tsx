import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { paperWords, templateFor } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { shared } from '../../ui/base/words.ts'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { useSay } from '../../words.ts'
import type { PaperData } from './layout/items.ts'
import { layoutPaper } from './layout/layout.ts'
import { templatesQuery } from './paper-queries.ts'
import { PrintSheets, sheetsOf } from './sheet.tsx'
import { SheetsShown } from './sheets-shown.tsx'
import { SizeInput } from './size-fields.tsx'

/** 商品标签, 库位标签: one sheet for each SKU or bin, as often as wanted. */
export default function TagsDialog(props: {
  kind: 'goods_label' | 'bin_label'
  tags: readonly PaperData[]
  onClose: () => void
}) {
  const say = useSay()
  const [copies, setCopies] = useState(1)
  const [printing, setPrinting] = useState(false)
  const templates = useQuery(templatesQuery)
  const template = templateFor(templates.data?.rows ?? [], props.kind, { shopId: '', courier: '' })
  const each = props.tags.map((tag) => layoutPaper(template, tag))
  const papers = each.flatMap((paper) => Array.from({ length: copies }, () => paper))
  const title = say(paperWords[props.kind])
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>{say(shared.close)}</Button>
          <Button kind="primary" action="print-tags" busy={printing} onClick={() => setPrinting(true)}>
            {say(['打印 {n} 张', 'Print {n} {n|sheet|sheets}'], { n: sheetsOf(papers).length })}
          </Button>
        </>
      }
    >
      <div className="row">
        <span className="t2">{say(['每个几张', 'Copies of each'])}</span>
        <SizeInput
          label={say(['每个几张', 'Copies of each'])}
          value={copies}
          least={1}
          most={50}
          onChange={setCopies}
        />
      </div>
      <SheetsShown papers={each} />
      {printing && <PrintSheets papers={papers} onDone={() => setPrinting(false)} />}
    </Dialog>
  )
}
