import type { ReactNode } from 'react'
import { ShopName } from '../tasks/shop-name.tsx'
import { type RowAction, useActions } from '../ui/act/actions.ts'
import { Acts } from '../ui/act/acts.tsx'
import { ActorName } from '../ui/base/actor-name.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Time } from '../ui/base/figures.tsx'
import { nearTime } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { ListDialogs } from '../ui/list/list-dialogs.tsx'
import { useNoRow } from '../ui/list/no-row.tsx'
import { Drawer } from '../ui/overlay/drawer.tsx'
import { Facts } from '../ui/overlay/facts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { type Action, actionText } from './action-text.ts'
import { ActionState, ActionSubject } from './actions.tsx'

type DrawerProps = {
  /** Undefined: the list is being loaded, or the action has left it. */
  row: Action | undefined
  loading: boolean
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
  actions: readonly RowAction<Action>[]
}

/**
 * One platform action: its document, the user who caused it, the platform's answer, and buttons for the steps that are possible in its
 * present state.
 */
export default function ActionDrawer({ row, loading, at, total, step, onClose, actions }: DrawerProps) {
  const say = useSay()
  const title = row ? say(row.kindName) : say(['平台回写', 'Write-back'])
  const none = useNoRow(row, loading, ['已经不在这个标签页里', 'It has left this tab'])
  return (
    <Drawer
      label={title}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={
        <>
          <h2 className="cut">{title}</h2>
          {row && <ActionState row={row} />}
        </>
      }
      foot={row && <Settle key={row.id} row={row} actions={actions} />}
    >
      <div className="drawer-body one">
        <div className="drawer-main">{row ? <Content row={row} /> : none}</div>
      </div>
    </Drawer>
  )
}

function Settle({ row, actions: offered }: { row: Action; actions: readonly RowAction<Action>[] }) {
  const actions = useActions<Action>(() => undefined)
  return (
    <>
      <Acts acts={offered.map((action) => actions.actOf(action, row))} busy={actions.busy} />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.subjectNo} />
    </>
  )
}

function Content({ row }: { row: Action }) {
  const say = useSay()
  const text = actionText(row, say)
  const facts: [LocalizedPair, ReactNode][] = [
    [shared.shop, <ShopName key="shop" id={row.shopId} />],
    [['对象', 'Subject'], <ActionSubject key="subject" row={row} />],
    [
      row.subjectType === 'listing_item' ? ['推送数量', 'Pushed'] : ['单号', 'With'],
      row.subjectDetail || '–',
    ],
    [['谁', 'By'], <ActorName key="by" name={row.createdBy} />],
    [['产生', 'Made'], <Time key="made" at={row.createdAt} />],
    [['发出', 'Sent'], <Time key="sent" at={row.sentAt} />],
    [['结束', 'Ended'], <Time key="ended" at={row.endedAt} />],
    [['再试', 'Next try'], <Time key="next" at={row.nextAt} say={nearTime} />],
    [['发送次数', 'Times sent'], row.attempt],
    [['核实次数', 'Times looked at'], row.looks],
    ...(row.settledBy === null
      ? []
      : ([[['处理人', 'Settled by'], `${row.settledBy} ${row.settledReason}`]] satisfies [
          LocalizedPair,
          ReactNode,
        ][])),
  ]
  return (
    <>
      {text !== '' && <Note tone={row.state === 'failed' ? 'bad' : 'warn'}>{text}</Note>}
      <Facts facts={facts} />
    </>
  )
}
