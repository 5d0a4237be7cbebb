"""Typed tensors do what torch's complex dtype does: the tensors of `COMPLEX` beside complex128.

Every line of the tables is run on both, over tensors of several ranks, and must give the same value,
the same shape and the same gradients, or raise on both sides. What differs on purpose is not here:
`angle` has no sign, `imag` has an axis, `inverse` is that of each number, casts keep the numbers.
"""

import math
import operator

import pytest
import torch
import torch.nn.functional as F
from torch.utils._pytree import tree_leaves, tree_map

import hypercomplex as hc

C = hc.tensor_type(hc.COMPLEX)
SHAPES = {
    "x": (2, 3), "y": (2, 3), "v": (3,), "w": (3,), "m": (3, 3), "n": (3, 3), "s": (), "e": (0, 3),
    "o": (1,), "t": (2, 3, 4),
}  # fmt: skip

ANSWERS = """
x+1 ; 1+x ; x-2.5 ; 2-x ; x*3 ; 3*x ; x/2 ; 2/x ; x*True ; x+r ; r+x ; r*x ; x*r.float() ; r.float()*x ;
x*torch.tensor(5) ; torch.tensor(5)*x ; x*torch.arange(3) ; x**2 ; x**2.0 ; x**torch.tensor(2) ; x**-1 ; x**0 ;
x**x ; 2**x ; 2.5**x ; r.abs()**x ; torch.pow(2,x) ; x**True ; -x ; +x ; abs(x) ; x.T ; x.mT ; v.T ; t.mT ;
x.T@y ; x.mH@y ; v@w ; x@v ; m@v ; v@m ; t@t.mT ; m@m@m ; torch.matmul(x,v) ; torch.mm(x,m) ; torch.mv(m,v) ;
torch.dot(v,w) ; torch.vdot(v,w) ; torch.inner(v,w) ; torch.inner(x,y) ; torch.outer(v,w) ; torch.ger(v,w) ;
torch.kron(v,w) ; torch.linalg.vecdot(x,y) ; v.dot(w) ; m.matrix_power(3) ; m.matrix_power(-1) ;
torch.linalg.matrix_power(m,2) ; torch.chain_matmul(m,m,m) ; torch.linalg.multi_dot([m,m,v]) ;
torch.addmm(m,m,m) ; torch.addmm(m,m,m,beta=2,alpha=3) ; torch.addmv(v,m,v) ; torch.einsum('ij,kj->ik',x,y) ;
torch.einsum('ij->ji',x) ; torch.einsum('ij->',x) ; torch.einsum('ii->i',m) ; torch.einsum('...i,i',x,v) ;
torch.tensordot(x,y,dims=2) ; torch.tensordot(x,m,dims=1) ; torch.tensordot(x,y,dims=([0,1],[0,1])) ; x.sum() ;
x.sum(0) ; x.sum(-1) ; x.sum(dim=()) ; x.sum(dim=(0,1)) ; x.sum(dim=[0],keepdim=True) ; x.sum(axis=0) ;
x.mean() ; x.mean(dim=()) ; x.mean(0,True) ; x.mean(dim=-1,keepdim=True) ; x.mean(axis=1) ; e.mean() ;
e.sum() ; e.sum(0) ; e.mean(0) ; s.sum() ; s.mean() ; s.sum(0) ; s.sum(-1) ; s.prod(0) ; x.prod() ; x.prod(0) ;
x.prod(1,keepdim=True) ; x.cumsum(0) ; x.cumsum(-1) ; s.cumsum(0) ; x.cumprod(1) ; e.cumsum(0) ; x.var() ;
x.std(0) ; x.var(0,unbiased=False) ; x.var(dim=1,correction=0) ; torch.var_mean(x,0) ; torch.std_mean(x) ;
x.norm() ; x.norm(dim=0) ; x.norm(p=1) ; x.norm(2,-1) ; x.norm(p='fro') ; x.norm(float('inf')) ;
torch.linalg.norm(x) ; torch.linalg.norm(m,2) ; torch.linalg.norm(m,'nuc') ; torch.linalg.vector_norm(x,1) ;
torch.linalg.vector_norm(x,0) ; torch.linalg.vector_norm(x,-math.inf) ; torch.linalg.matrix_norm(m) ;
torch.dist(x,y) ; x==y ; x==1 ; x==x ; x!=y ; x.eq(x) ; torch.equal(x,x) ; torch.equal(x,y) ;
torch.allclose(x,x+1e-12) ; torch.allclose(x,y) ; torch.isclose(x,x) ; x.isnan() ; x.isinf() ; x.isfinite() ;
x.isreal() ; x.any() ; x.all() ; x.any(0) ; x.nonzero() ; x.count_nonzero() ; torch.count_nonzero(x,dim=0) ;
bool(s) ; s.is_nonzero() ; x.numel() ; x.size() ; x.size(-1) ; x.shape ; x.ndim ; x.dim() ; len(x) ;
x.is_contiguous() ; x.real ; x.sgn() ; x.abs() ; x.exp() ; x.log() ; x.sqrt() ; x.rsqrt() ; x.sin() ;
x.tanh() ; x.sigmoid() ; x.square() ; x.reciprocal() ; x.neg() ; x.positive() ; x.log10() ; x.exp2() ;
x.expm1() ; x.masked_fill(mask,0) ; x.masked_fill(mask,2.5) ; x.masked_fill(mask,s) ;
x.masked_fill(mask,torch.tensor(3)) ; x.masked_select(mask) ; torch.where(mask,x,y) ; torch.where(mask,x,0) ;
torch.where(mask,0.,x) ; torch.where(mask,x,r) ; torch.where(mask,1,x) ; torch.where(mask,x,s) ;
torch.where(mask,x,torch.tensor(2)) ; x[0] ; x[-1] ; x[0,1] ; x[...,0] ; x[:,None] ; x[None] ; x[::2] ;
x[:,::2] ; x[:,1:] ; x[mask] ; x[mask[:,0]] ; x[i[1:]] ; x[:,i] ; x[[1,0]] ; x[[0,1],[1,2]] ;
x[torch.tensor(1)] ; x[True] ; x[False] ; x[()] ; x[...] ; x[0:0] ; x[slice(None),0] ; x[None,...,None] ;
x[:,torch.tensor([[0,1],[2,0]])] ; x[mask.nonzero(as_tuple=True)] ; s[()] ; s[None] ; s[...] ; e[:] ;
x.reshape(3,2) ; x.reshape(-1) ; x.reshape((6,)) ; x.reshape(torch.Size([6])) ; x.reshape(2,-1) ; x.view(6) ;
x.view(-1,1) ; x.view(torch.Size((3,2))) ; x.view_as(x.reshape(3,2)) ; x.reshape_as(x.T) ; x.flatten() ;
x.flatten(0) ; x.flatten(0,1) ; x.flatten(start_dim=-2) ; t.flatten(1) ; s.flatten() ; x.ravel() ;
x.unflatten(1,(3,1)) ; x.unflatten(-1,(1,-1)) ; x.squeeze() ; o.squeeze() ; o.squeeze(0) ; o.squeeze(-1) ;
s.squeeze(0) ; s.squeeze() ; x[None].squeeze((0,)) ; x.unsqueeze(0) ; x.unsqueeze(-1) ; x.unsqueeze(2) ;
s.unsqueeze(0) ; s.unsqueeze(-1) ; x.permute(1,0) ; x.permute((1,0)) ; x.permute(-1,0) ; t.permute(2,0,1) ;
t.permute(dims=(2,0,1)) ; x.t() ; s.t() ; x.transpose(0,1) ; x.transpose(-1,-2) ; t.movedim(0,-1) ;
t.moveaxis((0,1),(1,0)) ; t.swapaxes(0,2) ; x.expand(4,2,3) ; x.expand(-1,-1) ; o.expand(5) ; o.expand(-1) ;
o.expand(torch.Size([5])) ; s.expand(3) ; x.expand_as(x) ; x.repeat(2,1) ; x.repeat(2,1,1) ; x.repeat((1,2)) ;
x.tile(2) ; x.tile((2,2)) ; x.repeat_interleave(2) ; x.repeat_interleave(2,dim=0) ;
x.repeat_interleave(torch.tensor([1,2]),dim=0) ; x.roll(1) ; x.roll(1,0) ; x.roll((1,1),(0,1)) ; x.flip(0) ;
x.flip(0,1) ; x.flip((-1,)) ; x.fliplr() ; x.rot90() ; x.narrow(1,0,2) ; x.select(1,-1) ; x.chunk(2) ;
x.chunk(2,dim=1) ; x.split(2,dim=1) ; x.split([1,2],1) ; x.tensor_split(2) ; x.hsplit(3) ; x.vsplit(2) ;
x.unbind() ; x.unbind(-1) ; list(x) ; torch.cat([x,y]) ; torch.cat((x,y),-1) ; torch.cat([x,r]) ;
torch.cat([x,e]) ; torch.cat([x,y],axis=1) ; torch.concat([x,y]) ; torch.stack([x,y]) ; torch.stack([x,y],-1) ;
torch.stack([x,r]) ; torch.stack((s,s)) ; torch.hstack([x,y]) ; torch.vstack([v,w]) ; torch.dstack([v,w]) ;
torch.column_stack([v,w]) ; torch.block_diag(m,x) ; torch.atleast_2d(s) ; torch.atleast_1d(s) ;
torch.atleast_3d(v,s) ; torch.broadcast_to(v,(2,3)) ; torch.broadcast_tensors(x,v) ;
torch.meshgrid(v,w,indexing='ij') ; torch.cartesian_prod(v,w) ; torch.combinations(v) ; m.diag() ; v.diag() ;
v.diag(1) ; m.diagonal() ; m.diagonal(1) ; t.diagonal(dim1=-2,dim2=-1) ; v.diag_embed() ; v.diagflat() ;
m.trace() ; m.triu() ; m.tril(-1) ; torch.triu(m,diagonal=1) ; x.gather(1,i[None].expand(2,2)) ;
x.gather(dim=-1,index=i[None]) ; x.take(i) ; x.take_along_dim(i[None].expand(2,2),1) ; x.index_select(1,i) ;
x.index_select(dim=-1,index=i) ; x.index_add(1,i,y[:,:2]) ; x.index_copy(1,i,y[:,:2]) ; x.index_fill(1,i,0) ;
x.index_fill(1,i,1.5) ; x.scatter(1,i[None].expand(2,2),y) ; x.scatter(1,i[None].expand(2,2),2.0) ;
x.scatter(1,i[None].expand(2,2),2j) ; x.index_add(1,i,y[:,:2],alpha=complex(2)) ; x.to(torch.bool) ; x.type_as(x.bool()) ;
x.scatter_add(1,i[None].expand(2,2),y) ; x.scatter_reduce(1,i[None].expand(2,2),y,'sum') ;
x.masked_scatter(mask,y) ; x.unfold(1,2,1) ; x.unfold(-1,2,1) ; x.put(i,v[:2]) ; F.pad(x,(1,1)) ;
F.pad(x,(1,1),value=2) ; F.pad(x,(1,1,2,0)) ; F.pad(x,(1,1),mode='reflect') ;
F.pad(x[None],(1,1),mode='circular') ; x.clone() ; x.contiguous() ; x.detach() ; x.to('cpu') ; x.to(x) ;
x.type_as(x) ; x.cpu() ; x.new_zeros(2) ; x.new_zeros((2,3)) ; x.new_ones(2,3) ; x.new_ones(()) ;
x.new_full((2,),3.0) ; x.new_full((2,),3) ; torch.zeros_like(x) ; torch.ones_like(x) ; torch.full_like(x,2) ;
torch.full_like(x,2.5) ; torch.full_like(x,True) ; torch.add(x,y,alpha=2) ; torch.sub(x,y,alpha=2) ;
torch.add(x,2,alpha=3) ; torch.add(1,x) ; torch.add(input=x,other=y) ; torch.mul(input=x,other=y) ;
torch.rsub(x,1) ; torch.rsub(x,y) ; torch.lerp(x,y,0.5) ; torch.addcmul(x,x,y,value=2) ; torch.addcdiv(x,x,y) ;
torch.true_divide(x,y) ; torch.div(x,y,rounding_mode=None) ; torch.diff(x) ; torch.diff(x,dim=0) ;
torch.diff(x,n=2) ; torch.diff(v,prepend=w) ; torch.trapezoid(x) ; torch.trapz(x,dx=0.5) ;
torch.cumulative_trapezoid(x) ; torch.gradient(v) ; torch.cov(x) ; torch.corrcoef(x) ; torch.linalg.det(m) ;
torch.linalg.slogdet(m) ; torch.linalg.inv(m) ; torch.linalg.solve(m,v) ; torch.linalg.solve(m,m) ;
torch.linalg.matrix_rank(m) ; torch.linalg.pinv(m) ; torch.linalg.svdvals(m) ; torch.linalg.cond(m) ;
torch.linalg.matrix_exp(m) ; m.matrix_exp() ; m.det() ; m.pinverse() ; torch.is_tensor(x) ; torch.numel(x) ;
torch.bmm(t,t.mT) ; torch.linalg.vander(v) ; torch.tril(m) ; torch.argwhere(x) ; torch.special.expm1(x) ;
x.real.sum() ; torch.ravel(x) ; torch.numel(e) ; e*e ; e.T@e ; e.abs() ; e.reshape(-1) ; e.reshape(0,5) ;
e.view(-1,3) ; torch.cat([e,e]) ; torch.stack([e,e]) ; e.norm() ; e.std() ; e[mask[:0]] ; s*s ; s+x ; x+s ;
s*v ; s.expand(2,3) ; s.view(1) ; s.view(1,1,1) ; s.reshape(()) ; s.ndim ; s.T ; s.cumprod(0) ; s.repeat(3) ;
s.flip(0) ; s.roll(1) ; s.permute(()) ; s.movedim(0,0) ; torch.stack([s,s,s]) ; s.unfold(0,1,1) ;
s.flatten(0) ; s==s ; s.index_select(0,torch.tensor([0])) ; s.gather(0,torch.tensor(0)) ;
s.take(torch.tensor([0,0])) ; s.masked_fill(torch.tensor(True),0) ; s.nonzero() ; x.sum(0,keepdim=True) ;
x.sum((0,)) ; x.sum(()) ; x.sum([]) ; x.sum(None) ; x.sum(dim=None,keepdim=True) ; x==None ; x=='a' ;
x+torch.ones(3,dtype=torch.int64) ; x/torch.ones(3,dtype=torch.int32) ; x+torch.ones(3,dtype=torch.bool) ;
(x.half()*y.half()).shape ; x.pow(2) ; x.pow(exponent=2) ; x.pow(exponent=y) ; torch.float_power(x,2) ;
torch.float_power(x,y) ; x.mul(y) ; x.mul(other=y) ; x.sub(y) ; x.subtract(y,alpha=2) ; x.div(y) ;
x.divide(2) ; x.true_divide(y) ; x.dist(y) ; x.numel()*2 ; x.storage_offset() ; x.is_conj() ; 3 in x ;
torch.as_tensor(x).shape ; torch.asarray(x).shape ; torch.sum(x,dim=0,keepdim=True) ;
torch.mean(input=x,dim=0) ; torch.stack(tensors=[x,y],dim=0) ; torch.cat(tensors=[x,y],dim=0) ;
torch.squeeze(input=x) ; torch.unsqueeze(input=x,dim=0) ; torch.transpose(input=x,dim0=0,dim1=1) ;
torch.permute(x,(1,0)) ; torch.reshape(x,(-1,)) ; torch.reshape(input=x,shape=(3,2)) ;
torch.flatten(x,start_dim=0,end_dim=-1) ; torch.flip(x,[0]) ; torch.flip(x,dims=(0,)) ;
torch.roll(x,shifts=1,dims=0) ; torch.tile(x,dims=(2,1)) ; torch.narrow(input=x,dim=0,start=0,length=1) ;
torch.index_select(input=x,dim=0,index=torch.tensor([0])) ; torch.masked_select(x,mask) ; torch.split(x,1) ;
torch.split(tensor=x,split_size_or_sections=1) ; torch.unbind(x,dim=1) ; torch.diagonal(m,offset=1) ;
torch.linalg.diagonal(m) ; torch.prod(x,dim=0) ; torch.prod(x) ; torch.eye(3)*m ; m-torch.eye(3) ;
m*torch.eye(3,dtype=torch.bool) ; torch.sgn(x) ; torch.pow(x,torch.tensor([1,2,3])) ; torch.pow(x,r) ;
torch.sum(x==x) ; torch.Tensor.add(x,y) ; operator.add(x,y) ; operator.matmul(m,v) ; operator.getitem(x,0) ;
sum([x,y,x]) ; sum(list(x)) ; math.prod(list(v)) ; max(x.abs().flatten()) ; reversed(v) ;
torch.linalg.eigvalsh(m@m.mH) ; torch.linalg.cholesky(m@m.mH) ; torch.linalg.qr(m)[1].abs() ;
torch.linalg.lstsq(m,v[:,None])[0] ; torch.linalg.tensorsolve(m,v) ; torch.linalg.tensorinv(m,ind=1) ;
F.linear(x,m) ; F.linear(x,m,v) ; F.linear(x,v) ; F.linear(v,m,s) ; F.bilinear(x,y,t[:,:,:3],v[:2]) ;
F.conv1d(t,t[:,:,:3],v[:2],padding=1,stride=2) ; F.conv1d(t,m.T.reshape(3,3,1),v) ; F.conv1d(m,m[:,None],groups=3) ;
F.conv2d(t[None],t.reshape(3,2,2,2),padding='same') ; F.conv_transpose1d(t,m[...,None],v,2,1,1) ;
F.conv_transpose2d(t,m[:2,:2,None,None]) ; F.normalize(x) ; F.normalize(t,1.0,0) ; F.normalize(e) ;
F.l1_loss(x,y) ; F.l1_loss(x,y,reduction='none') ; F.l1_loss(x,v,reduction='sum') ; F.l1_loss(x,r) ;
F.triplet_margin_loss(x,y,x*y,swap=True) ; F.triplet_margin_with_distance_loss(x,y,2*x,margin=0.5) ;
torch.renorm(t,2,0,1.5) ; x.renorm(1,-1,0.5) ; torch.norm(m,'nuc') ; x.norm('nuc') ; x.norm('nuc',keepdim=True) ; torch.norm(t,'nuc',dim=(2,0)) ;
x+1j ; 1j+x ; x-2j ; 2j-x ; x*1j ; 1j*x ; x/2j ; 2j/x ; x**1j ; 1j**x ; x==1j ; x!=1j ; x+z ; z+x ; z*x ; x*z ; x/z ; z/x ;
x==z ; z@x.T ; x@z.T ; torch.add(x,y,alpha=2j) ; torch.sub(x,1j,alpha=2j) ; torch.rsub(x,z) ; torch.mul(z,x) ;
torch.cat([x,z]) ; torch.stack([z,x]) ; torch.where(mask,x,1j) ; torch.where(mask,z,x) ; x.masked_fill(mask,1j) ;
torch.full_like(x,1j) ; x.new_full((2,),1j) ; torch.addmm(m,m,m,beta=1j,alpha=2j) ; torch.addcmul(x,x,z,value=1j) ;
torch.addcdiv(x,z,y,value=1j) ; torch.dist(x,z) ; torch.isclose(x,z) ; torch.lerp(x,z,0.5) ; torch.lerp(x,y,1j) ;
torch.einsum('ij,kj',z,x) ; torch.linalg.solve(m,z.T) ; F.linear(z,m) ; s.item() ; complex(s) ;
1j in x ; torch.trapezoid(x,y) ; torch.trapezoid(x,v) ; torch.trapezoid(r,v) ; torch.trapezoid(x,z,dim=0) ;
torch.cumulative_trapezoid(t,v[:2],dim=0) ; torch.cumulative_trapezoid(x,z) ; torch.view_as_real(x) ;
x.logical_not() ; x.logical_and(y) ; torch.logical_or(x,r) ; torch.logical_xor(r>0,x) ; (x*mask).logical_and(y) ;
torch.linalg.lu(m) ; torch.linalg.lu(x) ; torch.linalg.lu_factor(t.mT@t) ; torch.lu(m)[0] ; m.logdet() ;
torch.lu_unpack(*torch.lu(m)) ; torch.linalg.lu_solve(*torch.linalg.lu_factor(m),n) ; torch.cholesky_solve(n,m.tril()) ;
torch.linalg.lu_solve(*torch.linalg.lu_factor(m),n,left=False,adjoint=True) ; torch.cholesky_inverse(torch.linalg.cholesky(m@m.mH)) ;
torch.triangular_solve(n,m,transpose=True) ; torch.svd_lowrank(m,3)[1] ; torch.pca_lowrank(t[0])[1] ;
x.logsumexp(0) ; torch.logsumexp(5*x,(0,1)) ; x.logsumexp(1,True) ; s.logsumexp(0) ; (1000+x).logsumexp(0) ;
torch.logaddexp(5*x,5*y) ; torch.logaddexp(x,r) ; torch.logaddexp(20*x,x) ; x.logcumsumexp(1) ; (5*t).logcumsumexp(0) ;
s.logcumsumexp(0) ; F.silu(x) ; F.tanhshrink(x) ; F.softsign(x) ; torch.ldexp(x,torch.tensor([1,0,3])) ;
torch.linalg.cross(x,y) ; torch.cross(m,n,dim=0) ; torch.linalg.cross(z,x) ;
(x*mask).logical_xor(y) ; (x*mask).bool() ; (x*mask).logical_or(0*y)
"""

CHANGES = """
x+=1 ; x+=y ; x+=r ; x-=2 ; x*=2 ; x*=y ; x/=y ; x**=2 ; x@=m ; x[0]=1 ; x[0]=y[1] ; x[0]=r[0] ; x[0,1]=2.5 ;
x[mask]=0 ; x[mask]=y[mask] ; x[mask]=s ; x[mask]=torch.tensor(2) ; x[:,0]=v[:2] ; x[...]=0 ; x[::1]=y ;
x[:,::2]=1 ; x[0]=v ; x[i[1:]]=y[:1] ; x[[0,1]]=y ; x[None]=0 ; x[0:0]=0 ; x[True]=1 ; x[False]=1 ;
x[:,i]=y[:,:2] ; x[0]+=1 ; x[0]*=y[1] ; x[mask]*=2 ; x[:,0]-=x[:,1] ; x.T[0]=5 ; x.T.mul_(2) ; x.T.mul_(y.T) ;
x.view(-1)[0]=7 ; x.view(6).add_(1) ; x[0].zero_() ; x[:,1].fill_(3) ; x.fill_(2.5) ; x.fill_(s) ;
x.fill_(torch.tensor(2)) ; x.zero_() ; x.copy_(y) ; x.copy_(v) ; x.copy_(r) ; x.copy_(torch.tensor(3)) ;
x.add_(y,alpha=2) ; x.sub_(1) ; x.mul_(y) ; x.div_(2) ; x.pow_(2) ; x.neg_() ; x.exp_() ; x.sqrt_() ;
x.conj_physical_() ; x.reciprocal_() ; x.square_() ; x.lerp_(y,0.5) ; x.addcmul_(x,y) ;
x.addcdiv_(x,y,value=2) ; x.masked_fill_(mask,1) ; x.masked_fill_(mask,s) ; x.masked_scatter_(mask,y) ;
x.index_fill_(1,i,2) ; x.index_add_(1,i,y[:,:2]) ; x.index_copy_(1,i,y[:,:2]) ; x.index_put_((i[1:],),v) ;
x.scatter_(1,i[None].expand(2,2),y) ; x.scatter_(1,i[None].expand(2,2),1.0) ;
x.scatter_add_(1,i[None].expand(2,2),y) ; x.renorm_(2,0,1.0) ; x.t_() ; x.transpose_(0,1) ; x.unsqueeze_(0) ; x.squeeze_() ;
m.triu_() ; m.tril_() ; m.fill_diagonal_(2) ; v.addmv_(m,w) ; x.cumsum_(0) ; x.cumprod_(1) ; x.swapaxes_(0,1) ;
x.real.fill_(1) ; x.imag.zero_() ; x.real=r ; x.imag=torch.zeros(()) ; x.real+=1 ; x.real*=2 ;
x.put_(i,v[:2]) ; x.tanh_() ; x.sgn_() ; torch.add(x,y,out=x) ; torch.mul(x,y,out=x) ; torch.exp(y,out=x) ;
torch.sum(y,0,out=v) ; torch.mean(y,0,out=v) ; torch.stack([v,w],out=x) ; torch.abs(y,out=x) ;
torch.conj_physical(y,out=x) ; torch.sqrt(y,out=x) ; torch.pow(y,2,out=x) ; torch.div(y,2,out=x) ;
torch.cumsum(y,0,out=x) ; torch.cumprod(y,0,out=x) ; torch.prod(y,0,out=v) ; torch.where(mask,x,y,out=x) ;
torch.index_select(m,0,i,out=x) ; torch.mm(y,m,out=x) ; torch.outer(v,w,out=m) ; torch.dot(v,w,out=s) ;
torch.linalg.inv(m,out=m) ; torch.linalg.solve(m,v,out=v) ; torch.triu(m,out=m) ; torch.diag(v,out=m) ;
torch.masked_select(x,mask,out=v) ; torch.neg(y,out=x) ; torch.sub(y,x,alpha=2,out=x) ;
torch.addcmul(x,x,y,out=x) ; torch.lerp(x,y,0.5,out=x) ; torch.tril(m,out=m) ; x+=1j ; x*=1j ; x-=z ; x/=z ; x[0]=1j ;
x[0]=z[1] ; x[mask]=1j ; x.fill_(1j) ; x.copy_(z) ; x.add_(z,alpha=1j) ; x.mul_(z) ; torch.add(z,x,out=x) ;
x.eq_(y) ; x.ne_(y) ; x.eq_(x)
"""

ERRORS = """
v.mH ; t.H ; torch.mm(x,v) ; x.sum(2) ; x.sum(-3) ; s.sum(1) ; x.cumsum(dim=2) ; x.max() ; x.min(0) ;
x.argmax() ; x.sort() ; x.clamp(0) ; torch.linalg.cross(x,v) ; torch.linalg.cross(t,t) ; t.norm('nuc') ; v.norm('nuc') ; x.clamp(min=0,max=1) ; x<y ; x>=1 ; x.is_nonzero() ; x.size(2) ; len(s) ;
x.sign() ; x.relu() ; torch.nn.functional.relu(x) ; x.softmax(0) ; x.round() ; x.floor() ; x.trunc() ; x//2 ;
x%2 ; x.atan2(y) ; x.erf() ; x.logit() ; x.xlogy(y) ; x[2] ; x[0,1,0] ; x[::-1] ; s[0] ; e[0] ; x.reshape(5) ;
x.T.view(6) ; o.squeeze(1) ; x.unsqueeze(3) ; x.unsqueeze(-4) ; x.permute(0,1,2) ; t.t() ; x.transpose(0,2) ;
x.expand(2,4) ; x.repeat(2) ; s.unbind() ; torch.cat([x,y],dim=2) ;
x.scatter_reduce(1,i[None].expand(2,2),y,'amax') ; v.diagonal_scatter(v) ;
torch.div(x,y,rounding_mode='floor') ; torch.nn.functional.one_hot(x) ;
s@s ; s.diag() ; torch.cat([s,s]) ; s.sum(keepdim=True) ; x.sum(0,1) ; x.sum((0,0)) ; x.sum(0.0) ; x.sum('a') ;
x+'a' ; x+None ; x*[1,2,3] ; x+(1,) ; x@2 ; x@torch.ones(3) ; x@torch.ones(3,dtype=torch.int64) ; int(s) ;
float(s) ; torch.eye(3)@m ; x.bernoulli() ; x.copysign(y) ; torch.trapezoid(x,dx=1j) ; z.add_(1j,out=x) ; torch.add(z,y,out=r) ; x.hypot(y) ; x.frexp() ; x.cummax(0) ; x.median() ;
x.histc() ; x.quantile(0.5) ; torch.complex(x,x) ; torch.view_as_complex(x) ; torch.polar(x,x) ;
x[0]=[1.0,2.0,3.0] ; x.clamp_(0) ; x.relu_() ; x.floor_divide_(2) ; x.abs_() ; torch.roll(x,1,out=x)
"""


def table(text):
    return [
        line.strip()
        for row in text.strip().splitlines()
        for line in row.split(" ;")
        if line.strip()
    ]


def variables(typed):
    """Leaves, and what is not a leaf and may change, under the names of the tables."""
    generator = torch.Generator().manual_seed(0)
    leaves = {
        name: torch.randn(shape, dtype=torch.complex128, generator=generator)
        for name, shape in SHAPES.items()
    }
    if typed:
        leaves = {name: C(torch.view_as_real(z).clone()) for name, z in leaves.items()}
    leaves = {name: z.requires_grad_() for name, z in leaves.items()}
    names = {name: 1.0 * z for name, z in leaves.items()}
    names |= {
        "torch": torch, "F": F, "math": math, "operator": operator,
        "r": torch.randn(2, 3, dtype=torch.float64, generator=generator),
        "z": torch.randn(2, 3, dtype=torch.complex128, generator=generator), "i": torch.tensor([2, 0]),
        "mask": torch.tensor([[True, False, True], [False, True, False]]),
    }  # fmt: skip
    return leaves, names


def plain(x):
    """Numbers as a pair of reals, whichever type they have."""
    if isinstance(x, C):
        return x.components
    if isinstance(x, torch.Tensor) and x.is_complex():
        return torch.view_as_real(x.resolve_conj())
    return x


def run(line, names):
    if line in table(CHANGES):
        exec(line, names)
        answer = [names[name] for name in SHAPES]
    else:
        answer = eval(line, names)
    return tree_leaves(tree_map(plain, answer))


def gradients(line, typed):
    """Of a weighted sum, lest differences vanish; None if autograd refuses."""
    leaves, names = variables(typed)
    try:
        parts = [a for a in run(line, names) if isinstance(a, torch.Tensor) and a.requires_grad]
        for a in parts:
            weights = torch.arange(1.0, a.numel() + 1).view_as(a)
            (a * weights + a * a).sum().backward(retain_graph=True)
    except RuntimeError:
        return None
    zero = {name: torch.zeros(*shape, 2, dtype=torch.float64) for name, shape in SHAPES.items()}
    return [zero[name] if z.grad is None else plain(z.grad) for name, z in leaves.items()]


def same(a, b):
    assert isinstance(a, torch.Tensor) == isinstance(b, torch.Tensor)
    if not isinstance(a, torch.Tensor):
        assert a == b
    else:
        torch.testing.assert_close(
            a.detach(), b.detach(), rtol=1e-6, atol=1e-7, equal_nan=True, check_dtype=False
        )


@pytest.mark.parametrize("line", table(ANSWERS) + table(CHANGES))
def test_values_and_gradients_are_those_of_complex_numbers(line):
    with torch.no_grad():
        ours, theirs = (run(line, variables(typed)[1]) for typed in (True, False))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        same(a, b)
    expected = gradients(line, typed=False)
    if expected is not None:
        for a, b in zip(gradients(line, typed=True), expected, strict=True):
            same(a, b)


@pytest.mark.parametrize("line", table(ERRORS))
def test_what_complex_numbers_refuse_is_refused(line):
    for typed in (True, False):
        with pytest.raises(Exception):  # noqa: B017, PT011
            exec(line, variables(typed)[1])
