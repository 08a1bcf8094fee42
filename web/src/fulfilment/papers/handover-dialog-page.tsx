import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { paperWords, templateFor } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { get } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError, Note } from '../../ui/base/empty.tsx'
import { warehousesQuery } from '../../ui/base/session.ts'
import { dateOf } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import { Choice, Field } from '../../ui/form/form.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { useSay } from '../../words.ts'
import { layoutPaper } from './layout.ts'
import { handoverData } from './paper-data.ts'
import { templatesQuery } from './paper-queries.ts'
import { PrintSheets, sheetsOf } from './sheet.tsx'
import { SheetsShown } from './sheets-shown.tsx'
import { usePaperNames } from './use-names.ts'

/** 交接单: the parcels that left on a day, one manifest for each courier, with sums and lines for the signatures. */
export default function HandoverDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const [day, setDay] = useState(() => dateOf(Date.now()))
  const [warehouse, setWarehouse] = useState('')
  const [courier, setCourier] = useState('')
  const [printing, setPrinting] = useState(false)
  const names = usePaperNames()
  const templates = useQuery(templatesQuery)
  const warehouses = useQuery(warehousesQuery).data?.rows ?? []
  const found = useQuery({
    queryKey: ['/handovers', day, warehouse],
    queryFn: () => get('/handovers', { day, ...(warehouse === '' ? {} : { warehouse }) }),
    enabled: day !== '',
  })
  const byCourier = Map.groupBy(found.data?.rows ?? [], (row) => row.courier)
  const chosen = [...byCourier].filter(([code]) => courier === '' || code === courier)
  const papers = templates.data
    ? chosen.map(([code, parcels]) => {
        const template = templateFor(templates.data.rows, 'handover', { shopId: '', courier: code })
        const of = warehouses.find(({ id }) => id === warehouse)?.name ?? ''
        return layoutPaper(
          template,
          handoverData({ courier: names.courier(code), day, warehouse: of, parcels }, template, names),
        )
      })
    : []
  const count = sheetsOf(papers).length
  const title = say(paperWords.handover)
  return (
    <Dialog
      title={title}
      label={title}
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{say(shared.close)}</Button>
          <Button
            kind="primary"
            action="print-handover"
            why={count === 0 ? say(['没有可打的', 'There is nothing to print']) : undefined}
            busy={printing}
            onClick={() => setPrinting(true)}
          >
            {say(['打印 {n} 张', 'Print {n} {n|sheet|sheets}'], { n: count })}
          </Button>
        </>
      }
    >
      <div className="paper-row">
        <Field label={say(['发货日', 'Shipped on'])}>
          {(bind) => (
            <input
              {...bind}
              type="date"
              className="input"
              value={day}
              onChange={(event) => setDay(event.target.value)}
            />
          )}
        </Field>
        <Choice
          label={say(['仓库', 'Warehouse'])}
          value={warehouse}
          options={[
            { value: '', label: say(['所有仓库', 'All']) },
            ...warehouses.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={setWarehouse}
        />
        <Choice
          label={say(['快递', 'Courier'])}
          value={courier}
          options={[
            { value: '', label: say(['每家一份', 'One each']) },
            ...[...byCourier].map(([code, rows]) => ({
              value: code,
              label: `${names.courier(code)} · ${say(['{n} 件', '{n} {n|parcel|parcels}'], { n: rows.length })}`,
            })),
          ]}
          onChange={setCourier}
        />
      </div>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.more && (
        <Note tone="warn">{say(['超过 5,000 件，按仓库分开打', 'More than 5,000: print by warehouse'])}</Note>
      )}
      {found.data?.rows.length === 0 && (
        <Empty
          title={say(['这一天没有发出的包裹', 'No parcel left on this day'])}
          remedy={say(['换一天，或换一个仓库。', 'Choose another day or warehouse.'])}
        />
      )}
      {papers.length > 0 && <SheetsShown papers={papers} />}
      {printing && <PrintSheets papers={papers} onDone={() => setPrinting(false)} />}
    </Dialog>
  )
}
