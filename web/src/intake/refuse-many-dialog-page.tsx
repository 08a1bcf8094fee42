import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get } from '../api.ts'
import { Note } from '../ui/empty.tsx'
import { Choice, TextArea } from '../ui/form.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'
import { useShops } from '../ui/session.ts'
import { useSay } from '../words.ts'
import { seenOf } from './agree-many-dialog-page.tsx'
import type { Proof } from './proof.ts'
import { ProofField } from './proof-field.tsx'
import type { DeskRow } from './types.ts'

type Reasons = { reasons: { id: string; text: string }[]; proofNeeded: boolean }

/** 拒绝退款, of several of one platform: one reason, message and proof for all. */
export default function RefuseManyDialog(props: {
  rows: readonly DeskRow[]
  onSubmit: (input: unknown) => void
  onClose: () => void
}) {
  const say = useSay()
  const { rows } = props
  const shops = useShops()
  const theirs = rows.map(({ shopId }) => shops.find(({ id }) => id === shopId))
  const [shop] = theirs
  const isMixed = theirs.some((one) => one?.platform !== shop?.platform)
  const reasons = useQuery({
    queryKey: ['/staged-refunds', rows[0]?.id, 'reasons'],
    queryFn: () => get<Reasons>(`/staged-refunds/${rows[0]?.id}/refuse-reasons`),
    staleTime: 300_000,
    enabled: rows[0] !== undefined && !isMixed,
  })
  const [reasonId, setReasonId] = useState('')
  const [message, setMessage] = useState('')
  const [proof, setProof] = useState<Proof>()
  const platform = shop ? say(shop.label) : ''
  const chosen = reasonId || (reasons.data?.reasons[0]?.id ?? '')
  const proofMissing = (reasons.data?.proofNeeded ?? false) && !proof
  const why = isMixed
    ? say(['一次只能拒绝一个平台的，先按店铺筛选', 'One platform at a time: filter by shop first'])
    : message.trim().length < 2
      ? say(['先写说明', 'Write the message first'])
      : proofMissing
        ? say(['先选凭证', 'Choose the proof first'])
        : chosen === ''
          ? say(['先选原因', 'Choose the reason first'])
          : undefined
  const submit = () =>
    props.onSubmit({
      seen: seenOf(rows),
      platform: shop?.platform ?? '',
      reasonId: chosen,
      message: message.trim(),
      ...(proof ? { proof: { type: proof.type, base64: proof.base64 } } : {}),
    })
  return (
    <FormDialog
      title={say(['拒绝 {n} 笔退款', 'Refuse {n} refunds'], { n: rows.length })}
      act={say(['拒绝并写回{platform}', 'Refuse and write back to {platform}'], { platform })}
      danger
      why={why}
      onSubmit={submit}
      onClose={props.onClose}
    >
      {reasons.error && <Note tone="bad">{errorText(reasons.error)}</Note>}
      <Choice
        label={say(['原因', 'Reason'])}
        value={chosen}
        onChange={setReasonId}
        options={(reasons.data?.reasons ?? []).map((each) => ({ value: each.id, label: each.text }))}
      />
      <TextArea
        label={say(['说明', 'Message'])}
        value={message}
        maxLength={200}
        onChange={setMessage}
        aside={`${message.length} / 200`}
      />
      <ProofField proof={proof} onProof={setProof} missing={proofMissing} platform={platform} />
      <Note tone="warn">
        {say([
          '每位买家都会看到同样的原因和说明。写回失败的会回到待决定，并写明平台的答复。',
          "Each buyer sees the same reason and message. What cannot be written back comes back with the platform's answer.",
        ])}
      </Note>
    </FormDialog>
  )
}
