/* A tunnel for tests: TLS on a free port of this machine, passed on to a port. Usage: PORT CERTIFICATE KEY */
import { appendFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

const [port, cert, key, pidFile] = process.argv.slice(2);
appendFileSync(pidFile, `${process.pid}\n`);
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (outside) => {
  const inside = connect(Number(port), '127.0.0.1');
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ]) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});
server.listen(0, 'localhost', () => {
  console.error('Terms of this tunnel: https://localhost:9/terms (please read)');
  console.log(`Forwarding https://localhost:${server.address().port} -> http://localhost:${port}`);
});
