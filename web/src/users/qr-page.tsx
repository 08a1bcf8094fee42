import { QRCode } from 'antd'

/** The otpauth address for the authenticator; black on white in both themes, since cameras want it so. */
export default function Qr({ text }: { text: string }) {
  return <QRCode value={text} size={180} color="#000" bgColor="#fff" type="svg" bordered={false} />
}
