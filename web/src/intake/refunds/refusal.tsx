import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get } from '../../api.ts'
import { Note } from '../../ui/base/empty.tsx'
import { Choice, TextArea, TextField } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import type { Proof } from './proof.ts'
import { ProofField } from './proof-field.tsx'

/** The state of a refusal form. The platform's reasons depend on the refund; without a refund there are none. */
export function useRefusal(refundId: string | undefined) {
  const say = useSay()
  const { data, error } = useQuery({
    queryKey: ['/staged-refunds', refundId, 'reasons'],
    queryFn: () => get('/staged-refunds/:id/refuse-reasons', { id: refundId ?? '' }),
    staleTime: 300_000,
    enabled: refundId !== undefined,
  })
  const [reasonId, setReasonId] = useState('')
  const [message, setMessage] = useState('')
  const [proof, setProof] = useState<Proof>()
  const [reading, onReading] = useState(false)
  const [proofUrl, setProofUrl] = useState('')
  const proofMissing = (data?.proofNeeded ?? false) && !proof
  const noReasons = data?.reasons.length === 0
  const why = noReasons
    ? say(['平台没有给出拒绝的原因', 'The platform gives no reason to refuse'])
    : reasonId === ''
      ? say(['先选原因', 'Choose the reason first'])
      : message.trim().length < 2
        ? say(['先写说明', 'Write the message first'])
        : reading
          ? say(['正在读图片', 'The picture is being read'])
          : proofMissing
            ? say(['先选凭证', 'Choose the proof first'])
            : proofUrl !== '' && !/^https:\/\/\S+$/.test(proofUrl)
              ? say(['凭证网址要以 https:// 开头', 'The address of the proof begins with https://'])
              : undefined
  const input = {
    reasonId,
    message: message.trim(),
    ...(proof ? { proof: { type: proof.type, base64: proof.base64 } } : {}),
    ...(proofUrl === '' ? {} : { proofUrl }),
  }
  return {
    /** Why the refusal cannot be sent yet. */
    why,
    input,
    fields: {
      reasons: data?.reasons ?? [],
      noReasons,
      error,
      reasonId,
      setReasonId,
      message,
      setMessage,
      proof,
      setProof,
      onReading,
      proofMissing,
      proofByUrl: data?.proofByUrl ?? false,
      proofByFile: data?.proofByFile ?? false,
      proofUrl,
      setProofUrl,
    },
  }
}

export function RefusalFields({
  fields,
  platform,
}: {
  fields: ReturnType<typeof useRefusal>['fields']
  platform: string
}) {
  const say = useSay()
  const { error, message } = fields
  return (
    <>
      {error && <Note tone="bad">{errorText(error)}</Note>}
      {fields.noReasons && (
        <Note tone="warn">
          {say(
            [
              '{platform}不让在这里拒绝这笔退款，去平台后台处理',
              '{platform} does not let this refund be refused from here; do it on its own pages',
            ],
            { platform },
          )}
        </Note>
      )}
      <Choice
        label={say(['原因', 'Reason'])}
        value={fields.reasonId}
        onChange={fields.setReasonId}
        // No reason is preselected: buyer and platform read it, and an untrue reason loses the case.
        options={[
          ...(fields.reasonId === '' ? [{ value: '', label: say(['请选择', 'Choose one']) }] : []),
          ...fields.reasons.map((each) => ({ value: each.id, label: each.text })),
        ]}
      />
      <TextArea
        label={say(['说明', 'Message'])}
        value={message}
        maxLength={200}
        onChange={fields.setMessage}
        aside={`${message.length} / 200`}
      />
      {fields.proofByUrl && (
        <TextField
          label={say(['凭证网址', 'Address of the proof'])}
          value={fields.proofUrl}
          onChange={(url) => fields.setProofUrl(url.trim())}
          hint={say(
            [
              '图片的 https 网址，{platform}要能打开；原因写着要凭证时才填',
              'The https address of a picture that {platform} can open; only for reasons that ask for proof',
            ],
            { platform },
          )}
        />
      )}
      {fields.proofByFile && (
        <ProofField
          proof={fields.proof}
          onProof={fields.setProof}
          onReading={fields.onReading}
          missing={fields.proofMissing}
          platform={platform}
        />
      )}
    </>
  )
}
