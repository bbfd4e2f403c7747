#!/usr/bin/python3
"""Makes the .pth fixtures of tests/data (Debian's python3-torch). Run it in that folder. Storage keys of the stream form
are addresses: its bytes differ from run to run, what they mean does not.

With PyTorch 1.0.0, the oldest on PyPI (Python 3.7), it makes state_1_0.pth alone, of the dtypes which that has; the form
is that of 0.4."""
import collections
import sys
import zipfile

import torch

OLD = torch.__version__ == '1.0.0'

state = collections.OrderedDict()
state['weight'] = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5
state['bias'] = torch.nn.Parameter(torch.tensor([1.5, -2.0]))
state['mean'] = torch.tensor([0.25], dtype=torch.float64)
state['batches'] = torch.tensor(7)
state['half'] = torch.tensor([1.0, -2.0]).half()
if not OLD:
    state['bfloat'] = torch.tensor([1.0, -3.140625]).bfloat16()
    state['mask'] = torch.tensor([True, False])
state['bytes'] = torch.tensor([1, 255], dtype=torch.uint8)
state['small'] = torch.tensor([-5], dtype=torch.int32)
base = torch.arange(24, dtype=torch.float32)
state['part'] = base[4:8]
state['transposed'] = base[:6].reshape(2, 3).t()
state['every_third'] = base[1::3]
state['channels_last'] = torch.arange(16.).reshape(1, 4, 2, 2)
if not OLD:
    state['channels_last'] = state['channels_last'].to(memory_format=torch.channels_last)
state['empty'] = torch.zeros(0, 3)
state._metadata = collections.OrderedDict({'': {'version': 1}})

if OLD:
    torch.save(state, 'state_1_0.pth')
    sys.exit()
torch.save(state, 'state_zip.pth', pickle_protocol=4)
torch.save(state, 'state_stream.pth', _use_new_zipfile_serialization=False)
torch.save({'epoch': 3, 'best': 0.5, 'optimizer': {'state': {0: {'exp_avg': torch.zeros(2)}}},
            'state_dict': {'module.' + name: value for name, value in state.items()}},
           'training_stream.pth', _use_new_zipfile_serialization=False)
torch.save(state, 'state_protocol2.zip')
with zipfile.ZipFile('state_protocol2.zip') as archive:
    open('state.pkl', 'wb').write(archive.read('state_protocol2/data.pkl'))
