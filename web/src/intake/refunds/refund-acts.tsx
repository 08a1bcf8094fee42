import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { yuan } from '../../../../server/lib/money-text.ts'
import { nameOf, type RowAction, useActions } from '../../ui/act/actions.ts'
import { type Act, Acts, keyOf } from '../../ui/act/acts.tsx'
import { Button, KeyCap } from '../../ui/base/button.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed, useShop } from '../../ui/base/session.ts'
import { ListDialogs } from '../../ui/list/list-dialogs.tsx'
import { toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { RefundDetail, RefundRow } from '../types.ts'
import { refundActions } from './refunds.tsx'

const RefuseDialog = lazy(() => import('./refuse-dialog-page.tsx'))
const AgreeDialog = lazy(() => import('./agree-dialog-page.tsx'))
const ConvertFirst = lazy(() => import('./convert-first-dialog-page.tsx'))

type RefundDialog = 'refuse' | 'agree' | 'extra'
type Props = { refund: RefundDetail; onAnswered: () => void; onGone: () => void }

export function RefundActs({ refund, onAnswered, onGone }: Props) {
  const say = useSay()
  const shop = useShop(refund.shopId)
  const [dialog, setDialog] = useState<RefundDialog>()
  const actions = useActions<RefundRow>((doneIds) => doneIds.includes(refund.id) && onGone())
  const openOrder = useOpenOrder(refund)
  const { acts, agree } = useRefundActs({ refund, actions, openOrder, open: setDialog })
  useKeys([keyOf(agree, actions.busy)])
  const close = () => setDialog(undefined)
  const platform = shop ? say(shop.label) : ''
  return (
    <footer className="drawer-foot">
      <Acts acts={acts} busy={actions.busy}>
        <span className="row t2 small">
          <KeyCap>J K</KeyCap> {say(['上下一笔', 'next'])}
        </span>
        <Button action={agree.name} letter="A" why={agree.why} onClick={agree.run}>
          {say(['同意退款 ¥{amount}…', 'Agree to ¥{amount}…'], { amount: yuan(refund.amountFen) })}
        </Button>
      </Acts>
      <ListDialogs actions={actions} batch={undefined} rows={[refund]} nameOf={(row) => row.refundNo} />
      <Suspense>
        {dialog === 'refuse' && <RefuseDialog {...{ refund, platform, onAnswered }} onClose={close} />}
        {dialog === 'agree' && <AgreeDialog {...{ refund, platform, onAnswered }} onClose={close} />}
        {dialog === 'extra' && <ConvertFirst refund={refund} onConverted={openOrder} onClose={close} />}
      </Suspense>
    </footer>
  )
}

/** Opens the order with the dialog of an extra refund. The order's id leads to the split order that has the refunded goods. */
function useOpenOrder({ refundNo }: RefundDetail) {
  const navigate = useNavigate()
  return (orderId: string) =>
    void navigate({ to: '/orders', search: { tab: 'all', open: orderId, do: 'extra', refundNo } })
}

/** Returns the text of a refusal's code. The words of all codes are loaded after the page. */
function useRefusalText(): (code: string) => string {
  const say = useSay()
  const [words, setWords] = useState<typeof import('../../ui/act/batch-words.ts')>()
  useEffect(() => void import('../../ui/act/batch-words.ts').then(setWords, toastError), [])
  return (code) => words?.refusalText(code, say) ?? say(['现在做不了', 'Cannot be done now'])
}

/** The buttons of the refund, in their order, and the one for agreeing, which has a place of its own. */
function useRefundActs(props: {
  refund: RefundDetail
  actions: ReturnType<typeof useActions<RefundRow>>
  openOrder: (orderId: string) => void
  open: (dialog: RefundDialog) => void
}): { acts: Act[]; agree: Act } {
  const { refund, actions, openOrder, open } = props
  const allowed = useAllowed()
  const textOf = useRefusalText()
  const orderId = refund.original?.orderId
  const why = (name: string, permission: string) => {
    const verdict = refund.actions.find((each) => each.action === name)
    return allowed(permission) ?? (verdict && !verdict.allowed ? textOf(verdict.code) : undefined)
  }
  const actOf = (action: RowAction<RefundRow>, reason: string | undefined): Act => ({
    name: nameOf(action),
    words: action.words,
    letter: action.letter,
    why: reason,
    run: () => actions.start(action, [refund]),
  })
  const acts: Act[] = [
    {
      ...(refund.state === 'processed'
        ? actOf(refundActions.unprocess, why('unprocess', 'refunds.process'))
        : actOf(refundActions.convert, why('convert', 'refunds.convert'))),
      primary: true,
    },
    ...(refund.doubts.some(({ taken }) => !taken)
      ? [actOf(refundActions.take, why('take-doubts', 'trades.doubts'))]
      : []),
    {
      name: 'refuse',
      words: ['拒绝退款…', 'Refuse…'],
      letter: 'R',
      why: why('refuse', 'refunds.refuse'),
      run: () => open('refuse'),
    },
    {
      name: 'extra-refund',
      words: ['部分退款', 'Extra refund'],
      letter: 'E',
      // An extra refund belongs to an order, so the order is opened for it.
      why:
        (orderId ? why('extraRefund', 'refunds.extra') : allowed('refunds.extra')) ?? allowed('orders.read'),
      run: () => (orderId ? openOrder(orderId) : open('extra')),
    },
    ...(refund.state === 'processed'
      ? []
      : [actOf(refundActions.process, why('process', 'refunds.process'))]),
  ]
  const agree: Act = {
    name: 'agree',
    words: ['同意退款…', 'Agree…'],
    letter: 'A',
    why: why('agree', 'refunds.agree'),
    run: () => open('agree'),
  }
  return { acts, agree }
}
