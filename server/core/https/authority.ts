import 'reflect-metadata'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 24 * 60 * 60 * 1000
// A device whose clock is slow must not take a new certificate for one of tomorrow.
const earlierMs = dayMs
const authorityMs = 3650 * dayMs
/** Apple's devices accept at most 398 days of a certificate that they meet in a browser. */
const certificateMs = 397 * dayMs

/** Addresses and names that exist only inside a network. RFC 1918, RFC 4193, RFC 6762, and the suffixes that routers give. */
const insideOnly = {
  addresses: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '127.0.0.0/8',
    '::1/128',
    'fc00::/7',
  ],
  names: ['localhost', 'local', 'lan', 'internal', 'home.arpa'],
}

/**
 * Makes a local authority and returns its certificate and private key as one PEM text. A device that trusts it accepts its certificates for
 * addresses inside a network and for `hosts`, and for no other: a stolen key cannot imitate a bank or a marketplace.
 */
export async function makeAuthority(hosts: readonly string[], now: number): Promise<string> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Sanyi ${randomBytes(3).toString('hex')}, O=Sanyi local authority`,
    notBefore: new Date(now - earlierMs),
    notAfter: new Date(now + authorityMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      namesAllowed(hosts),
    ],
  })
  return pemOf(certificate, keys)
}

/** Makes a server's certificate for these names and addresses, signed by the authority; as PEM with its key. */
export async function makeCertificate(
  authority: string,
  hosts: readonly string[],
  now: number,
): Promise<string> {
  const issuer = new x509.X509Certificate(new X509Certificate(authority).raw)
  const signingKey = await importKey(authority)
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${hosts[0]}`,
    issuer: issuer.subject,
    notBefore: new Date(now - earlierMs),
    notAfter: new Date(now + certificateMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return pemOf(certificate, keys)
}

function namesAllowed(hosts: readonly string[]): x509.Extension {
  const addresses = hosts.filter((host) => isIP(host)).map((host) => `${host}/${isIP(host) === 4 ? 32 : 128}`)
  const permitted = [
    ...[...insideOnly.addresses, ...addresses].map((iPAddress) => new GeneralName({ iPAddress })),
    ...[...insideOnly.names, ...hosts.filter((host) => !isIP(host))].map(
      (dNSName) => new GeneralName({ dNSName }),
    ),
  ]
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(permitted.map((base) => new GeneralSubtree({ base }))),
  })
  return new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints))
}

const newKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

/** A positive number of 16 bytes, as RFC 5280 wants it. */
const newSerial = () => `4${randomBytes(16).toString('hex').slice(1)}`

function importKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

async function pemOf(certificate: x509.X509Certificate, keys: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${certificate.toString('pem')}\n${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`
}
