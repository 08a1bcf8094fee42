import { useMutation, useQueryClient } from '@tanstack/react-query'
import { yuan } from '../../../../server/lib/money-text.ts'
import { errorText, post } from '../../api.ts'
import { Note } from '../../ui/base/empty.tsx'
import { nearTime } from '../../ui/base/time.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { RefundDetail } from '../types.ts'
import { RefusalFields, useRefusal } from './refusal.tsx'

/** 拒绝退款: sends reason, message and proof to the platform, where the buyer sees them. */
export default function RefuseDialog({
  refund,
  platform,
  onAnswered,
  onClose,
}: {
  refund: RefundDetail
  platform: string
  onAnswered: () => void
  onClose: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const { why, input, fields } = useRefusal(refund.id)
  const refuse = useMutation({
    mutationFn: () =>
      post('/staged-refunds/:id/refuse', { ...input, version: refund.version }, { id: refund.id }),
    // If the refund has changed, it is loaded again, so that the user decides about its present state.
    onError: () => queries.invalidateQueries({ queryKey: ['/staged-refunds'] }),
    onSuccess: () => {
      toast(
        'move',
        say(
          [
            '正在写回{platform}；失败会回到待处理',
            'Being written back to {platform}; a failure brings it back',
          ],
          { platform },
        ),
      )
      onAnswered()
      onClose()
      return queries.invalidateQueries()
    },
  })
  const title = say(['拒绝退款 ¥{amount}', 'Refuse ¥{amount}'], { amount: yuan(refund.amountFen) })
  return (
    <FormDialog
      title={title}
      act={say(['拒绝并写回{platform}', 'Refuse and write back to {platform}'], { platform })}
      danger
      busy={refuse.isPending}
      why={why}
      onSubmit={() => refuse.mutate()}
      onClose={onClose}
    >
      <p className="t2">
        {say(['买家会看到原因和说明。退款 {no}', 'The buyer sees reason and message. Refund {no}'], {
          no: refund.refundNo,
        })}
        {refund.deadline && say(['，{at} 到期', ', due {at}'], { at: nearTime(refund.deadline) })}
        {say(['。', '.'])}
      </p>
      <RefusalFields fields={fields} platform={platform} />
      <Note tone="warn">
        {say([
          '拒绝后买家可改申请或找平台介入。写回失败时这笔会回到待处理，并写明平台的答复。',
          "The buyer may change the request or call in the platform. If writing back fails, it comes back with the platform's answer.",
        ])}
      </Note>
      {refuse.error && <Note tone="bad">{errorText(refuse.error)}</Note>}
    </FormDialog>
  )
}
