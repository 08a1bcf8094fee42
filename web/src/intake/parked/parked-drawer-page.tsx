import type { ReactNode } from 'react'
import { parkedKindWords } from '../../../../server/intake/parked/lists-contract.ts'
import { ShopName } from '../../tasks/shop-name.tsx'
import { type RowAction, useActions } from '../../ui/act/actions.ts'
import { Acts } from '../../ui/act/acts.tsx'
import { Button } from '../../ui/base/button.tsx'
import { Time } from '../../ui/base/figures.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { useReveal } from '../../ui/form/reveal.tsx'
import { ListDialogs } from '../../ui/list/list-dialogs.tsx'
import { useNoRow } from '../../ui/list/no-row.tsx'
import { Drawer, Section } from '../../ui/overlay/drawer.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { ParkedNo, type ParkedRow, parkedReasonText } from './parked.tsx'
import '../../ui/base/pre.css'
import { Facts } from '../../ui/overlay/facts.tsx'

type DrawerProps = {
  /** Undefined: the list is loading, or the document could be read meanwhile and left the list. */
  row: ParkedRow | undefined
  loading: boolean
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
  retry: RowAction<ParkedRow>
}

/** A parked item: the reason, how often it came, and on demand its content. */
export default function ParkedDrawer({ row, loading, at, total, step, onClose, retry }: DrawerProps) {
  const say = useSay()
  const title = say(['异常数据', 'Unreadable data'])
  const none = useNoRow(row, loading, ['已经读懂，不在这里了', 'It could be read and is no longer here'])
  return (
    <Drawer
      label={title}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={<h2 className="cut">{row?.platformId || title}</h2>}
      foot={row?.settledAt === null && <Retry key={row.id} row={row} retry={retry} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">{row ? <Content key={row.id} row={row} /> : none}</div>
      </div>
    </Drawer>
  )
}

function Retry({ row, retry }: { row: ParkedRow; retry: RowAction<ParkedRow> }) {
  const actions = useActions<ParkedRow>(() => undefined)
  return (
    <>
      <Acts acts={[actions.actOf(retry, row)]} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.platformId} />
    </>
  )
}

function Content({ row }: { row: ParkedRow }) {
  const say = useSay()
  const facts: [LocalizedPair, ReactNode][] = [
    [shared.shop, <ShopName key="shop" id={row.shopId} />],
    [['类型', 'Type'], say(parkedKindWords[row.kind])],
    [['号码', 'Number'], <ParkedNo key="no" row={row} />],
    [['原因', 'Reason'], parkedReasonText(row.reason, say)],
    [['见到次数', 'Times seen'], row.times],
    [['第一次', 'First'], <Time key="first" at={row.firstSeen} />],
    [['最近', 'Latest'], <Time key="last" at={row.lastSeen} />],
  ]
  return (
    <>
      <Facts facts={facts} />
      <Original id={row.id} />
    </>
  )
}

function Original({ id }: { id: string }) {
  const say = useSay()
  const why = useAllowed()('personal.reveal')
  const { shown, busy, reveal, dialog } = useReveal('/parked-items/:id/reveal', id)
  return (
    <Section title={say(['原文', 'What came'])}>
      {shown ? (
        <pre className="document" translate="no">
          {shown.text}
        </pre>
      ) : (
        <div className="row">
          <Button why={why} busy={busy} onClick={reveal}>
            {say(shared.show)}
          </Button>
          <span className="t2">
            {say([
              '封存的原文，可能有买家信息；会留下查看记录',
              "Sealed; it may hold a buyer's data. A look leaves a record",
            ])}
          </span>
        </div>
      )}
      {dialog}
    </Section>
  )
}
