/** Prints what Node and the kernel take to write an event to each of many sockets, and nothing else: no gateway can send one for less. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const count = 2000;
const rounds = 20;
const event = `e6\r\nevent: next\ndata: ${'x'.repeat(210)}\n\n\r\n`;

/** On the core beside the writer's, as the benchmark's followers are. */
function read(port: number): void {
  for (let index = 0; index < count; index += 1) connect(port, '127.0.0.1').resume();
}

async function write(): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = fork(new URL(import.meta.url), [String((server.address() as AddressInfo).port)]);
  while (sockets.length < count) await sleep(50);
  for (let turn = 1; turn <= 3; turn += 1) {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) {
      for (const socket of sockets) socket.write(event, 'latin1');
      await sleep(100);
    }
    const { user, system } = process.cpuUsage(before);
    const each = (micros: number) => (micros / rounds / count).toFixed(1);
    console.log(`${each(user + system)} µs a write, of which ${each(system)} µs in the kernel`);
  }
  reader.kill();
  server.close();
  for (const socket of sockets) socket.destroy();
}

const [port] = process.argv.slice(2);
if (port) read(Number(port));
else await write();
