import { useRef, useState } from 'react'
import {
  fieldWords,
  longestPicture,
  type OwnText,
  ownTexts,
  type PaperField,
  type PaperOptions,
} from '../../../../server/fulfilment/papers/paper-rules.ts'
import { Button } from '../../ui/base/button.tsx'
import { Field, TextArea } from '../../ui/form/form.tsx'
import { smallPicture } from '../../ui/form/small-picture.ts'
import { useSay } from '../../words.ts'

type Props = {
  options: PaperOptions
  has: (key: PaperField) => boolean
  set: (change: Partial<PaperOptions>) => void
  /** Called with true while a picture is read. */
  onReading: (reading: boolean) => void
}

const keys: readonly OwnText[] = ['text', 'text2', 'text3', 'sender', 'qr']
/** What the template itself says: its own texts, what its QR code says, its picture. Only those that are on the paper are asked for. */
export function OwnTexts({ options, has, set, onReading }: Props) {
  const say = useSay()
  return (
    <>
      {keys.filter(has).map((key) => (
        <TextArea
          key={key}
          label={say(fieldWords[key])}
          rows={2}
          maxLength={ownTexts[key]}
          value={options[key] ?? ''}
          hint={
            key === 'qr'
              ? say([
                  '网址或文字，比如售后页的网址。空着就是条码上的号',
                  'An address or a text; empty: the number of the barcode',
                ])
              : undefined
          }
          onChange={(text) => set({ [key]: text })}
        />
      ))}
      {has('picture') && <PictureField {...{ options, set, onReading }} />}
    </>
  )
}

/** A label printer has eight dots a millimetre, so more pixels than these print no finer. */
const pictureLimits = {
  type: 'image/png',
  sides: [480, 360, 240, 160],
  mostLetters: longestPicture - 'data:image/png;base64,'.length,
} as const

function PictureField({ options, set, onReading }: Omit<Props, 'has'>) {
  const say = useSay()
  const [fault, setFault] = useState<string>()
  // Other fields may change while the picture is read.
  const latest = useRef(set)
  latest.current = set
  const newest = useRef<File>(undefined)
  const take = async (file: File | undefined) => {
    if (!file) return
    newest.current = file
    onReading(true)
    const picture = await smallPicture(file, pictureLimits).catch(() => undefined)
    if (newest.current !== file) return
    onReading(false)
    setFault(
      picture
        ? undefined
        : say(['这个文件不是图片，或者太大', 'This file is no picture, or it is too large']),
    )
    if (picture) latest.current({ picture })
  }
  return (
    <Field
      label={say(fieldWords.picture)}
      wrong={fault}
      hint={say([
        '店标、二维码图都行，热敏机只印黑白',
        'A logo, for example; a thermal printer prints black only',
      ])}
    >
      {(bind) => (
        <div className="row">
          <input
            {...bind}
            type="file"
            accept="image/png,image/jpeg"
            onChange={(event) => void take(event.target.files?.[0])}
          />
          {options.picture && (
            <Button kind="quiet" size="small" action="take-picture-off" onClick={() => set({ picture: '' })}>
              {say(['去掉', 'Remove'])}
            </Button>
          )}
        </div>
      )}
    </Field>
  )
}
