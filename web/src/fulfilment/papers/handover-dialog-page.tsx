import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { paperWords, templateFor } from '../../../../server/fulfilment/papers/paper-rules.ts'
import { get } from '../../api.ts'
import { Button } from '../../ui/base/button.tsx'
import { Empty, LoadError, Note } from '../../ui/base/empty.tsx'
import { warehousesQuery } from '../../ui/base/session.ts'
import { dateOf } from '../../ui/base/time.ts'
import { shared } from '../../ui/base/words.ts'
import { DayField } from '../../ui/form/day-field.tsx'
import { Choice } from '../../ui/form/form.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { useSay } from '../../words.ts'
import { layoutPaper } from './layout/layout.ts'
import { handoverData } from './paper-data.ts'
import { templatesQuery } from './paper-queries.ts'
import { PrintSheets, sheetsOf } from './sheet.tsx'
import { SheetsShown } from './sheets-shown.tsx'
import { usePaperNames } from './use-names.ts'

/** 交接单: the parcels that left on a day, one manifest for each courier, with sums and lines for the signatures. */
export default function HandoverDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const [asked, setAsked] = useState(() => ({ day: dateOf(Date.now()), warehouse: '', courier: '' }))
  const [printing, setPrinting] = useState(false)
  const { found, byCourier, papers } = useManifests(asked)
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
      <HandoverFields asked={asked} byCourier={byCourier} onChange={setAsked} />
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

/** Empty `warehouse`: all of them. Empty `courier`: a manifest for each. */
type Asked = { day: string; warehouse: string; courier: string }

const useWarehouses = () => useQuery(warehousesQuery).data?.rows ?? []

/** Returns the parcels of the day by courier, and the manifests of the chosen couriers as papers. */
function useManifests({ day, warehouse, courier }: Asked) {
  const names = usePaperNames()
  const templates = useQuery(templatesQuery)
  const of = useWarehouses().find(({ id }) => id === warehouse)?.name ?? ''
  const found = useQuery({
    queryKey: ['/handovers', day, warehouse],
    queryFn: () => get('/handovers', { day, ...(warehouse === '' ? {} : { warehouse }) }),
  })
  const byCourier = Map.groupBy(found.data?.rows ?? [], (row) => row.courier)
  const chosen = [...byCourier].filter(([code]) => courier === '' || code === courier)
  const papers = templates.data
    ? chosen.map(([code, parcels]) => {
        const template = templateFor(templates.data.rows, 'handover', { shopId: '', courier: code })
        return layoutPaper(
          template,
          handoverData({ courier: names.courier(code), day, warehouse: of, parcels }, template, names),
        )
      })
    : []
  return { found, byCourier, papers }
}

function HandoverFields(props: {
  asked: Asked
  byCourier: ReadonlyMap<string, readonly { packageCount: number }[]>
  onChange: (asked: Asked) => void
}) {
  const say = useSay()
  const names = usePaperNames()
  const { asked, byCourier, onChange } = props
  return (
    <div className="paper-row">
      <DayField
        label={say(['发货日', 'Shipped on'])}
        value={asked.day}
        onChange={(day) => onChange({ ...asked, day })}
      />
      <Choice
        label={say(['仓库', 'Warehouse'])}
        value={asked.warehouse}
        options={[
          { value: '', label: say(['所有仓库', 'All']) },
          ...useWarehouses().map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(warehouse) => onChange({ ...asked, warehouse })}
      />
      <Choice
        label={say(['快递', 'Courier'])}
        value={asked.courier}
        options={[
          { value: '', label: say(['每家一份', 'One each']) },
          ...[...byCourier].map(([code, rows]) => ({
            value: code,
            label: `${names.courier(code)} · ${say(['{n} 件', '{n} {n|parcel|parcels}'], { n: rows.reduce((sum, row) => sum + row.packageCount, 0) })}`,
          })),
        ]}
        onChange={(courier) => onChange({ ...asked, courier })}
      />
    </div>
  )
}
