import { otherWarehouses, traceWords } from '../../../server/stock-sync/lifecycle.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { type RowAction, useActions } from '../ui/act/actions.ts'
import { Acts } from '../ui/act/acts.tsx'
import { Note } from '../ui/base/empty.tsx'
import { count, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { Drawer, Section } from '../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import type { UploadRow } from './types.ts'
import { ruleText, uploadActions, uploadStateOf } from './uploads.tsx'
import '../inventory/inventory.css'

type DrawerProps = {
  row: UploadRow
  rows: readonly UploadRow[]
  step: (by: number) => void
  onClose: () => void
}

/** One listing: the calculation of its quantity, the warehouses, and the quantity that the platform has. */
export default function UploadDrawer({ row, rows, step, onClose }: DrawerProps) {
  const say = useSay()
  const { first, second } = uploadStateOf(row, say)
  return (
    <Drawer
      label={say(['{title} 的库存同步', 'Stock upload of {title}'], { title: row.title })}
      at={rows.findIndex((one) => one.id === row.id)}
      total={rows.length}
      step={step}
      onClose={onClose}
      title={
        <>
          <h2 className="cut">{row.title}</h2>
          {first}
        </>
      }
      foot={<UploadActs key={row.id} row={row} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">
          {second && (
            <div className="upload-note">
              <Note tone={row.standing === 'failed' ? 'bad' : 'warn'}>{second}</Note>
            </div>
          )}
          <Facts row={row} />
          <Calculation row={row} />
        </div>
      </div>
    </Drawer>
  )
}

function UploadActs({ row }: { row: UploadRow }) {
  const actions = useActions<UploadRow>(() => undefined)
  const { resync, rule, pause, resume } = uploadActions
  const offered: RowAction<UploadRow>[] = [resync, rule, row.standing === 'paused' ? resume : pause]
  return (
    <>
      <Acts acts={offered.map((action) => actions.actOf(action, row))} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.title} />
    </>
  )
}

function Facts({ row }: { row: UploadRow }) {
  const say = useSay()
  const number = (value: number | null) => (value === null ? <span className="t3">–</span> : count(value))
  const facts: [LocalizedPair, React.ReactNode][] = [
    [['店铺', 'Shop'], <ShopLabel key="shop" id={row.shopId} short />],
    [
      ['SKU', 'SKU'],
      row.skuId === null ? (
        <span key="none" className="t3">
          –
        </span>
      ) : (
        <PageLink key="sku" to="/products" search={{ open: row.skuId, tab: 'all' }}>
          {row.skuCode}
        </PageLink>
      ),
    ],
    [['规格', 'Spec'], row.spec || <span className="t3">–</span>],
    [['平台 ID', 'Ids there'], `${row.itemId} ${row.platformSkuId}`],
    [['应推', 'To tell'], number(row.quantity)],
    [['算于', 'Calculated'], <Time key="calculated" at={row.calculatedAt} />],
    [['已推', 'Pushed'], number(row.toldQuantity)],
    [['推于', 'Pushed at'], <Time key="told" at={row.toldAt} />],
    [['平台库存', 'Stock there'], number(row.platformQuantity)],
    [['下载于', 'As of'], <Time key="listed" at={row.listedAt} />],
  ]
  return (
    <dl className="fact-grid">
      {facts.map(([name, value]) => (
        <div key={name[1]} style={{ display: 'contents' }}>
          <dt>{say(name)}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Calculation({ row: { trace, rule } }: { row: UploadRow }) {
  const say = useSay()
  if (trace === null) return null
  return (
    <Section
      title={say(['怎么算的', 'How it came about'])}
      aside={`${say(rule ? ['单独规则', 'rule of its own'] : ['店铺规则', "the shop's rule"])} · ${ruleText(trace.rule, say)}`}
    >
      <p>{say(traceWords(trace))}</p>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['SKU', 'SKU'])}</th>
            <th>{say(['仓库', 'Warehouse'])}</th>
            <th className="right">{say(['可用', 'Free'])}</th>
            <th className="right">{say(['订单在等', 'Waited for'])}</th>
          </tr>
        </thead>
        <tbody>
          {trace.parts.flatMap((part) => [
            ...part.warehouses.map((shelf) => (
              <tr key={`${part.code} ${shelf.name}`}>
                <td>{part.each > 1 ? `${part.code} × ${part.each}` : part.code}</td>
                <td>{shelf.name || say(otherWarehouses)}</td>
                <td className="right">{count(shelf.available)}</td>
                <td className="right">{count(shelf.short)}</td>
              </tr>
            )),
            ...(part.staged === undefined
              ? []
              : [
                  <tr key={`${part.code} staged`}>
                    <td>{part.each > 1 ? `${part.code} × ${part.each}` : part.code}</td>
                    <td>{say(['待转入', 'Staged'])}</td>
                    <td />
                    <td className="right">{count(part.staged)}</td>
                  </tr>,
                ]),
          ])}
        </tbody>
      </table>
    </Section>
  )
}
