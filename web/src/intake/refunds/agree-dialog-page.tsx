import { useMutation, useQueryClient } from '@tanstack/react-query'
import { errorText, post } from '../../api.ts'
import { Note } from '../../ui/base/empty.tsx'
import { asksForCode } from '../../ui/base/platform-error.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import type { RefundDetail } from '../types.ts'
import { AgreementFields, useAgreement, useEffectOf } from './agreement.tsx'
import { goodsWords } from './agreement-words.ts'

const payingWords = {
  title: ['同意退款 ¥{amount}', 'Agree to ¥{amount}'],
  act: ['同意，{platform}退 ¥{amount} 给买家', 'Agree: {platform} pays the buyer ¥{amount}'],
  effect: [
    '钱会从店铺账户退给买家，不能撤回。订单怎么处理，由退款成功后的规则决定。',
    'The money goes from the shop to the buyer and cannot be called back. What happens to the order is decided once the refund has succeeded.',
  ],
  done: ['已交给{platform}退款 ¥{amount}', '{platform} was told to refund ¥{amount}'],
} as const satisfies Record<string, LocalizedPair>

/** Agreeing to a refund. The user types the amount again, because agreeing pays money. */
export default function AgreeDialog({
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
  const { same, input, fields } = useAgreement(refund.amountFen)
  const { amount } = fields
  const effect = useEffectOf()(refund)
  const words = effect === 'money' || effect === 'none' ? payingWords : goodsWords[effect]
  const agree = useMutation({
    mutationFn: () =>
      post(
        '/staged-refunds/:id/agree',
        {
          version: refund.version,
          amountFen: refund.amountFen,
          ...input,
        },
        { id: refund.id },
      ),
    // If the refund has changed, it is loaded again, so that the user decides about its present state.
    onError: () => queries.invalidateQueries({ queryKey: ['/staged-refunds'] }),
    onSuccess: () => {
      toast('move', say(words.done, { platform, amount }))
      onAnswered()
      onClose()
      return queries.invalidateQueries()
    },
  })
  return (
    <FormDialog
      title={say(words.title, { amount })}
      act={say(words.act, { platform, amount })}
      danger
      sure
      busy={agree.isPending}
      why={same ? undefined : say(['金额要和退款金额一样', "The amount must be the refund's"])}
      onSubmit={() => agree.mutate()}
      onClose={onClose}
    >
      <p>{say(words.effect)}</p>
      <AgreementFields
        fields={fields}
        label={say(['再输入一次金额', 'Type the amount again'])}
        shopIds={[refund.shopId]}
        codeSent={asksForCode(refund.error)}
      />
      {agree.error && <Note tone="bad">{errorText(agree.error)}</Note>}
    </FormDialog>
  )
}
