import { useRef, useState } from 'react'
import { useSay } from '../../words.ts'
import { type Proof, readProof } from './proof.ts'

/** 凭证: one picture as proof, chosen, dropped or pasted. */
export function ProofField(props: {
  proof: Proof | undefined
  onProof: (proof: Proof | undefined) => void
  /** Called with true while a picture is read. */
  onReading: (reading: boolean) => void
  missing: boolean
  platform: string
}) {
  const say = useSay()
  const input = useRef<HTMLInputElement>(null)
  const [wrong, setWrong] = useState('')
  const newest = useRef<File>(undefined)
  const take = async (file: File | undefined) => {
    if (!file) return
    newest.current = file
    props.onReading(true)
    const proof = await readProof(file).catch(() => undefined)
    // Another picture may have been chosen meanwhile.
    if (newest.current !== file) return
    props.onReading(false)
    setWrong(proof ? '' : say(['这个文件读不成图片，换 jpg 或 png', 'This is not a picture; use jpg or png']))
    if (proof) props.onProof(proof)
  }
  return (
    <div className="field" onPaste={(event) => void take(event.clipboardData.files[0])}>
      <span className="label">{say(['凭证', 'Proof'])}</span>
      <div className="row">
        <button
          type="button"
          className={props.missing ? 'proof missing' : 'proof'}
          onClick={() => input.current?.click()}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault()
            void take(event.dataTransfer.files[0])
          }}
        >
          {props.proof ? (
            <img src={`data:${props.proof.type};base64,${props.proof.base64}`} alt={say(['凭证', 'Proof'])} />
          ) : (
            say(['选图片\n或粘贴', 'Choose or paste'])
          )}
        </button>
        <span className="t2 small">
          {say([
            '可用：拣货单照片、面单照片、聊天截图。',
            'For example a photo of the pick list or waybill, or the chat.',
          ])}
        </span>
        <input
          ref={input}
          type="file"
          accept="image/jpeg,image/png"
          hidden
          onChange={(event) => void take(event.target.files?.[0])}
        />
      </div>
      {(props.missing || wrong) && (
        <span className="wrong">
          {wrong ||
            say(
              ['{platform}要求至少 1 张，jpg 或 png', '{platform} wants at least one picture, jpg or png'],
              { platform: props.platform },
            )}
        </span>
      )}
    </div>
  )
}
