import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type ExtraRefundKind,
  extraRefundKindNames,
  extraRefundKinds,
} from '../../../../server/finance/lifecycle.ts'
import { yuan } from '../../../../server/lib/money-text.ts'
import { errorText, post } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { Note } from '../../ui/base/empty.tsx'
import { Choice, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'

type Props = { orderId: string; orderNo: string; refundNo?: string; limitFen: number; onClose: () => void }

/** 额外退款: an internal document about money on the sales order. The platform is not called. */
export default function ExtraRefundDialog(props: Props) {
  const say = useSay()
  const [kind, setKind] = useState<ExtraRefundKind>('compensation')
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const fen = Math.round(Number(typed) * 100)
  const book = useBooking(props, { kind, amountFen: fen, reason: reason.trim() })
  const amountWrong = typed !== '' && (!(fen > 0) || fen > props.limitFen)
  const why =
    !(fen > 0) || amountWrong
      ? say(['先填金额', 'Give the amount first'])
      : reason.trim() === ''
        ? say(['先写原因', 'Give the reason first'])
        : undefined
  const title = say(['额外退款 {no}', 'Extra refund on {no}'], { no: props.orderNo })
  return (
    <FormDialog
      title={title}
      act={fen > 0 ? say(['登记 ¥{amount}', 'Book ¥{amount}'], { amount: yuan(fen) }) : say(['登记', 'Book'])}
      busy={book.isPending}
      why={why}
      onSubmit={() => book.mutate()}
      onClose={props.onClose}
    >
      <p className="t2">
        {say([
          '只记钱，不动商品，也不调用平台。财务审核后生效。',
          'Money only: goods and platform are not touched. It counts once finance approved it.',
        ])}
      </p>
      <Choice
        label={say(['类型', 'Type'])}
        value={kind}
        onChange={setKind}
        options={extraRefundKindNames.map((value) => ({ value, label: say(extraRefundKinds[value]) }))}
      />
      <TextField
        label={say(['金额 ¥', 'Amount ¥'])}
        value={typed}
        onChange={setTyped}
        inputMode="decimal"
        autoFocus
        hint={say(
          ['最多 {limit}：实付减已退和待审', 'Refundable: {limit} (paid less refunded and pending)'],
          {
            limit: yuan(props.limitFen),
          },
        )}
        wrong={
          amountWrong
            ? say(['要大于 0，最多 {limit}', 'More than 0, at most {limit}'], { limit: yuan(props.limitFen) })
            : undefined
        }
      />
      <TextField label={say(['原因', 'Reason'])} value={reason} onChange={setReason} maxLength={200} />
      {book.error && <Note tone="bad">{errorText(book.error)}</Note>}
      {book.data && !book.data.done && <Note tone="bad">{outcomeText(book.data, say)}</Note>}
    </FormDialog>
  )
}

type Booked = { kind: ExtraRefundKind; amountFen: number; reason: string }

function useBooking({ orderId, refundNo, onClose }: Props, extra: Booked) {
  const say = useSay()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => post('/extra-refunds', { orderId, ...extra, ...(refundNo ? { refundNo } : {}) }),
    onSuccess: (answer) => {
      if (!answer.done) return undefined
      toast(
        'ok',
        say(
          ['已登记额外退款 ¥{amount}，等财务审核', 'Extra refund of ¥{amount} booked; finance approves it'],
          { amount: yuan(extra.amountFen) },
        ),
      )
      onClose()
      return queries.invalidateQueries()
    },
  })
}
