import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { yuan } from '../../../server/lib/money-text.ts'
import { errorText, post } from '../api.ts'
import { Note } from '../ui/empty.tsx'
import { TextField } from '../ui/form.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'
import { asksForCode } from '../ui/platform-error.ts'
import { toast } from '../ui/toasts.tsx'
import { useSay } from '../words.ts'
import type { RefundDetail } from './types.ts'

/** Agreeing moves money: the amount is typed again, and nothing else ever does it. */
export default function AgreeDialog({
  refund,
  platform,
  onClose,
}: {
  refund: RefundDetail
  platform: string
  onClose: () => void
}) {
  const say = useSay()
  const queries = useQueryClient()
  const [typed, setTyped] = useState('')
  const [code, setCode] = useState('')
  const amount = yuan(refund.amountFen)
  const same = Math.round(Number(typed.replaceAll(',', '')) * 100) === refund.amountFen
  const agree = useMutation({
    mutationFn: () =>
      post(`/staged-refunds/${refund.id}/agree`, {
        version: refund.version,
        amountFen: refund.amountFen,
        ...(code === '' ? {} : { code }),
      }),
    // Refused because it changed meanwhile: the next press is about what it is now.
    onError: () => queries.invalidateQueries({ queryKey: ['/staged-refunds'] }),
    onSuccess: () => {
      toast(
        'move',
        say(['已交给{platform}退款 ¥{amount}', '{platform} was told to refund ¥{amount}'], {
          platform,
          amount,
        }),
      )
      onClose()
      return queries.invalidateQueries()
    },
  })
  const title = say(['同意退款 ¥{amount}', 'Agree to ¥{amount}'], { amount })
  return (
    <FormDialog
      title={title}
      act={say(['同意，{platform}退 ¥{amount} 给买家', 'Agree: {platform} pays the buyer ¥{amount}'], {
        platform,
        amount,
      })}
      danger
      busy={agree.isPending}
      why={same ? undefined : say(['金额要和退款金额一样', "The amount must be the refund's"])}
      onSubmit={() => agree.mutate()}
      onClose={onClose}
    >
      <p>
        {say([
          '钱会从店铺账户退给买家，不能撤回。订单怎么处理，由退款成功后的规则决定。',
          'The money goes from the shop to the buyer and cannot be called back. What happens to the order is decided once the refund has succeeded.',
        ])}
      </p>
      <TextField
        label={say(['再输入一次金额', 'Type the amount again'])}
        value={typed}
        onChange={setTyped}
        inputMode="decimal"
        placeholder={amount}
        autoFocus
      />
      <TextField
        label={
          asksForCode(refund.error)
            ? say(['短信验证码，平台已发给店主', 'Code by text message, sent to the shop owner'])
            : say([
                '短信验证码，平台要求时才填',
                'Code by text message, only when the platform asked for one',
              ])
        }
        value={code}
        onChange={setCode}
        inputMode="numeric"
        maxLength={12}
      />
      {agree.error && <Note tone="bad">{errorText(agree.error)}</Note>}
    </FormDialog>
  )
}
